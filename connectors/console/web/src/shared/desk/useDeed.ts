/** Something that is done to a row of a work list: sent once however often it is tried, and the row gone from the list when it is done. */
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { Page } from "../table/types";

/** The tables have it a second or so after Kafka: asked again then. */
const TABLES_MS = 2_500;

/** By which the server knows a deed that is sent again. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Deed<Row> {
  /** Of the lists that have the row. */
  lists: QueryKey;
  /** What is asked again once the tables have it. */
  all: QueryKey;
  isRow: (row: Row) => boolean;
  next: () => void;
}

/** `send` is given the key by which the server knows the deed. */
export function useDeed<Row, Told>(
  send: (told: Told, key: string) => Promise<unknown>,
  { lists, all, isRow, next }: Deed<Row>,
) {
  const client = useQueryClient();
  const key = useRef(newKey());
  return useMutation({
    mutationFn: (told: Told) => send(told, key.current),
    onSuccess: () => {
      key.current = newKey();
      // The next is chosen by the list as it was.
      next();
      client.setQueriesData<Page<Row>>(
        { queryKey: lists },
        (page) => page && { ...page, rows: page.rows.filter((row) => !isRow(row)) },
      );
      setTimeout(() => void client.invalidateQueries({ queryKey: all }), TABLES_MS);
    },
  });
}
