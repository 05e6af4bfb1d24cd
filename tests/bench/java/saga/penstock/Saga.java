package penstock;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Penstock's whole path in Kafka Streams, exactly once: the peer of the benchmark.
 *
 * <p>Settings come from the environment: BROKERS, APP_ID, DATADIR, THREADS, COMMIT_MS, FETCH_WAIT_MS (10).
 *
 * <p>Tuned as its documentation advises for throughput: caches before the stores, larger polls and batches, lz4. Where
 * records wait for nothing but a timer, the timer is short, as Penstock's is.
 *
 * <p>Left out, because the benchmark's input never asks for it: shipments and what follows them (Commit, returns to the
 * shelf), operators' decisions, expiry of reservations, the timed retry of backorders, stocktaking, quarantine.
 */
public final class Saga {
    private static final int VIEW_WAIT_MS = 50;

    private Saga() {}

    public static void main(String[] arguments) throws InterruptedException {
        KafkaStreams streams = new KafkaStreams(SagaTopology.build(), properties());
        CountDownLatch ended = new CountDownLatch(1);
        int[] code = {0};
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            code[0] = 1;
            ended.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close(Duration.ofSeconds(30));
            ended.countDown();
        }));
        streams.start();
        ended.await();
        if (code[0] != 0) {
            streams.close(Duration.ofSeconds(10));
            Runtime.getRuntime().halt(code[0]);
        }
    }

    private static int fetchWaitMs() {
        return Integer.parseInt(System.getenv().getOrDefault("FETCH_WAIT_MS", "10"));
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, System.getenv("APP_ID"));
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("BROKERS"));
        properties.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("DATADIR"));
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, System.getenv("THREADS"));
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, System.getenv("COMMIT_MS"));
        // The stages don't care in which order records of different topics come: none waits for another's.
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5_000);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
        // A waiting fetch is not answered when a transaction ends: the default of 500 ms would be added to every hop.
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), fetchWaitMs());
        // No hop, only the views: asking as often would be a sixth of the process's CPU, for nothing.
        properties.put(StreamsConfig.globalConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), VIEW_WAIT_MS);
        // As Penstock: compressed batches, a message as large as an order of 500 lines with its review.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), 4 << 20);
        return properties;
    }
}
