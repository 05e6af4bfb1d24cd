import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The dedup stage in Kafka Streams: a record whose key was not seen before goes on, its key into a RocksDB store with a changelog.
 *
 * <p>Written with the Processor API: one get and one put per record, bytes through, no intermediate topics. Settings come from the
 * environment, as for the other peers; GUARANTEE and THREADS are this one's own.
 *
 * <p>Prints one line per restored store partition, from its own restore listener: {@code restored PARTITION RECORDS MILLIS}, and
 * {@code state OLD NEW MILLIS} for each change of state, so that a restore can be timed without polling.
 */
public final class Dedup {
    private static final byte[] MARK = {'1'};
    private static final long STARTED = System.nanoTime();

    public static void main(String[] args) {
        Map<String, String> env = System.getenv();
        KafkaStreams streams = new KafkaStreams(topology(env.get("SOURCE"), env.get("SINK")), properties(env));
        streams.setGlobalStateRestoreListener(new PrintingListener());
        streams.setStateListener((now, before) -> print("state " + before + " " + now + " " + millis()));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            // A peer that fails must be seen to fail, not replace its thread and report half a figure.
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(30))));
        streams.start();
    }

    static Topology topology(String source, String sink) {
        // No cache before the store: every key is new, so a cache only adds a copy.
        var store = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore("seen"), Serdes.ByteArray(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(new HashMap<>());
        var bytes = Serdes.ByteArray();
        return new Topology()
                .addSource("in", bytes.deserializer(), bytes.deserializer(), source)
                .addProcessor("dedup", Seen::new, "in")
                .addStateStore(store, "dedup")
                .addSink("out", sink, bytes.serializer(), bytes.serializer(), "dedup");
    }

    static Properties properties(Map<String, String> env) {
        var properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, env.get("APP_ID"));
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env.get("BROKERS"));
        properties.put(StreamsConfig.STATE_DIR_CONFIG, env.get("DATADIR"));
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, env.get("GUARANTEE"));
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, env.getOrDefault("THREADS", "1"));
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        if (env.containsKey("SESSION_TIMEOUT_MS")) {
            properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), env.get("SESSION_TIMEOUT_MS"));
        }
        if (env.containsKey("COMMIT_INTERVAL_MS")) {
            properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, env.get("COMMIT_INTERVAL_MS"));
        }
        // As the producer's documentation advises for throughput (batch.size, compression.type); linger.ms is 100 in Streams already.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 4000);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    /** Forwards what the store has not seen. */
    private static final class Seen implements Processor<byte[], byte[], byte[], byte[]> {
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<byte[], byte[]> seen;

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.seen = context.getStateStore("seen");
        }

        @Override
        public void process(Record<byte[], byte[]> order) {
            if (seen.get(order.key()) == null) {
                seen.put(order.key(), MARK);
                context.forward(order);
            }
        }
    }

    /** Says what was restored and how long it took, by Streams' own account. */
    private static final class PrintingListener implements StateRestoreListener {
        private final Map<TopicPartition, Long> begun = new HashMap<>();

        @Override
        public synchronized void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
            begun.put(changelog, millis());
            print("restoring " + changelog.partition() + " " + (to - from) + " " + millis());
        }

        @Override
        public void onBatchRestored(TopicPartition changelog, String store, long end, long count) {}

        @Override
        public synchronized void onRestoreEnd(TopicPartition changelog, String store, long records) {
            print("restored " + changelog.partition() + " " + records + " " + millis());
        }
    }

    private static long millis() {
        return (System.nanoTime() - STARTED) / 1_000_000;
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
