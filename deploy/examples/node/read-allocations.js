"use strict";
const { readFileSync, readdirSync } = require("node:fs");
const { Type } = require("avsc");
const kafkajs = require("kafkajs");
const lz4 = require("lz4-napi");

// The hub's records come in LZ4's frames, which kafkajs leaves to a library.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
});

const GOLDEN = "schemas/golden/";

/** Decodes OrderAllocated of every version there is; undefined: a record of another type. */
function decoder() {
  const versions = readdirSync(GOLDEN).filter((name) => /^OrderAllocated\.v\d+\.avsc$/.test(name));
  const read = (name) => Type.forSchema(JSON.parse(readFileSync(GOLDEN + name, "utf8")));
  // Read as the newest version; what an older Penstock wrote, and stands in the log, is read by its own.
  const newest = read(`OrderAllocated.v${versions.length}.avsc`);
  const resolvers = new Map();
  for (const name of versions) {
    // A message begins with C3 01 and its schema's fingerprint, as the one beside the schema does.
    const head = readFileSync(GOLDEN + name.replace(/avsc$/, "bin")).toString("hex", 0, 10);
    resolvers.set(head, newest.createResolver(read(name)));
  }
  return (value) => {
    const resolver = resolvers.get(value.toString("hex", 0, 10));
    return resolver && newest.fromBuffer(value.subarray(10), resolver);
  };
}

/** What `penstock kafka properties` has printed, as kafkajs names it. */
function reach(file) {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const given = Object.fromEntries(lines.map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]));
  const [username, password] = [given["sasl.username"], given["sasl.password"]];
  const mechanism = (given["sasl.mechanism"] ?? given["sasl.mechanisms"])?.toLowerCase();
  return {
    brokers: given["bootstrap.servers"].split(","),
    ssl: (given["security.protocol"] ?? "").toUpperCase().endsWith("SSL"),
    sasl: mechanism && { mechanism, username, password },
  };
}

/** Prints what is to be sent from where: so many allocations as its argument says, or until it is stopped. */
async function main() {
  let left = Number(process.argv[2] ?? Infinity);
  const decode = decoder();
  const kafka = new kafkajs.Kafka({ ...reach("client.properties"), logLevel: kafkajs.logLevel.WARN });
  // Of transactions it reads what is committed, which is kafkajs' default.
  const consumer = kafka.consumer({ groupId: "wms", readUncommitted: false });
  await consumer.connect();
  // Where the group has no offset yet; the client's own default begins at the end, and leaves out what is there.
  await consumer.subscribe({ topic: "allocations", fromBeginning: true });
  await new Promise((enough, failed) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || failed(payload.error));
    consumer
      .run({
        eachMessage: async ({ message }) => {
          const order = left > 0 && decode(message.value);
          // The topic carries OrderBackordered and AllocationReleased too: each is decoded in the same way.
          if (order) {
            console.log(`${message.key} ${JSON.stringify(order.parts)}`);
            if (--left === 0) enough();
          }
        },
      })
      .catch(failed);
  });
  await consumer.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
