/** A list whose entries change places: by mouse, or by keys at the handle (space, arrows, space). */

import { HolderOutlined } from "@ant-design/icons";
import {
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  label: string;
  names: readonly string[];
  move: (from: number, to: number) => void;
  children: (at: number, handle: ReactNode) => ReactNode;
}

/** The entry whose upper or lower edge is nearest: by their middles an open card, which is tall, would never leave its own place. */
const nearestEdge: CollisionDetection = ({ collisionRect, droppableContainers, droppableRects }) =>
  droppableContainers
    .flatMap((droppableContainer) => {
      const rect = droppableRects.get(droppableContainer.id);
      if (!rect) return [];
      const edges = [rect.top - collisionRect.top, rect.bottom - collisionRect.bottom].map(Math.abs);
      return [{ id: droppableContainer.id, data: { droppableContainer, value: Math.min(...edges) } }];
    })
    .sort((one, other) => one.data.value - other.data.value);

/** Places are counted from one: zero would be no id. */
const idAt = (at: number) => at + 1;

export function Sortable({ label, names, move, children }: Props) {
  const { t } = useTranslation("rules");
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const named = (id: string | number) => names[Number(id) - 1] ?? "";
  const ended = ({ active, over }: DragEndEvent) => {
    if (over) move(Number(active.id) - 1, Number(over.id) - 1);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={nearestEdge}
      onDragEnd={ended}
      accessibility={{
        screenReaderInstructions: { draggable: t("drag.how") },
        announcements: {
          onDragStart: ({ active }) => t("drag.taken", { name: named(active.id) }),
          onDragOver: ({ active, over }) =>
            over ? t("drag.over", { name: named(active.id), place: Number(over.id) }) : undefined,
          onDragEnd: ({ active, over }) =>
            over ? t("drag.put", { name: named(active.id), place: Number(over.id) }) : undefined,
          onDragCancel: ({ active }) => t("drag.left", { name: named(active.id) }),
        },
      }}
    >
      <SortableContext items={names.map((_, at) => idAt(at))} strategy={verticalListSortingStrategy}>
        <ol className="rule-sorted" aria-label={label}>
          {names.map((name, at) => (
            <Entry key={at} at={at} name={name}>
              {children}
            </Entry>
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

function Entry({ at, name, children }: { at: number; name: string; children: Props["children"] }) {
  const { t } = useTranslation("rules");
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: idAt(at),
  });
  const handle = (
    <button
      type="button"
      className="rule-handle"
      ref={setActivatorNodeRef}
      {...attributes}
      {...listeners}
      aria-label={t("drag.handle", { name })}
    >
      <HolderOutlined aria-hidden />
    </button>
  );
  return (
    <li
      ref={setNodeRef}
      className={isDragging ? "rule-dragged" : undefined}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      {children(at, handle)}
    </li>
  );
}
