package penstock;

import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import penstock.allocation.Allocation;
import penstock.intake.Intake;
import penstock.inventory.Inventory;
import penstock.records.Applied;
import penstock.records.Availability;
import penstock.records.Duplicate;
import penstock.records.Message;
import penstock.records.Order;
import penstock.records.OrderState;
import penstock.records.OrderStatusChanged;
import penstock.records.Reservation;
import penstock.records.ReservationRejected;
import penstock.records.ReservationResolved;
import penstock.records.Reserve;
import penstock.records.Release;
import penstock.records.AwaitStock;
import penstock.records.ForgetStock;
import penstock.records.Reserved;
import penstock.records.Review;
import penstock.records.Seen;
import penstock.records.Stock;
import penstock.records.StockAlert;
import penstock.records.StockArrived;
import penstock.records.StockCommandAnswered;
import penstock.records.Warehouse;
import penstock.view.Surroundings;
import penstock.wire.Wire;

/**
 * The same stages on the same topics as Penstock's: intake, allocation, inventory, each a sub-topology of its own, since
 * all that goes from one to the next goes through a topic.
 */
final class SagaTopology {
    private static final List<String> CHANNELS = List.of("channel.taobao.events", "channel.jd.events",
            "channel.pdd.events", "channel.douyin.events", "channel.shopify.events");
    private static final Serde<String> KEYS = Serdes.String();
    private static final Serde<Message> MESSAGES = Wire.serde();

    private SagaTopology() {}

    static Topology build() {
        StreamsBuilder builder = new StreamsBuilder();
        Surroundings view = new Surroundings();
        Serde<Availability> availability = Wire.serde();
        Serde<Warehouse> warehouses = Wire.serde();
        builder.addGlobalStore(inMemory(Surroundings.AVAILABILITY, availability), "inventory.availability",
                Consumed.with(KEYS, availability), view::availabilityFeed);
        builder.addGlobalStore(inMemory(Surroundings.WAREHOUSES, warehouses), "config.warehouses",
                Consumed.with(KEYS, warehouses), view::warehouseFeed);

        builder.addStateStore(store(Intake.SEEN, Wire.<Seen>serde()));
        builder.stream(CHANNELS, Consumed.with(KEYS, Serdes.ByteArray()))
                .process(() -> new Intake(view), Intake.SEEN)
                .to(SagaTopology::topicOf, Produced.with(KEYS, MESSAGES));

        builder.addStateStore(store(Allocation.ORDER_STATE, Wire.<OrderState>serde()));
        builder.stream(List.of("orders", "inventory.results"), Consumed.with(KEYS, MESSAGES))
                .process(() -> new Allocation(view), Allocation.ORDER_STATE)
                .to(SagaTopology::topicOf, Produced.with(KEYS, MESSAGES));

        inventory(builder);
        return builder.build();
    }

    private static void inventory(StreamsBuilder builder) {
        builder.addStateStore(store(Inventory.STOCK, Wire.<Stock>serde()));
        builder.addStateStore(store(Inventory.RESERVATIONS, Wire.<Reservation>serde()));
        builder.addStateStore(store(Inventory.APPLIED, Wire.<Applied>serde()));
        KStream<String, Message> decided = builder.stream("inventory.commands", Consumed.with(KEYS, MESSAGES))
                .processValues(Inventory::new, Inventory.STOCK, Inventory.RESERVATIONS, Inventory.APPLIED);
        decided.filterNot((sku, message) -> message instanceof Availability)
                .map((sku, message) -> KeyValue.pair(keyOf(sku, message), message))
                .to(SagaTopology::topicOf, Produced.with(KEYS, MESSAGES));
        // One record for all that a transaction did to a SKU: the table's cache forwards the newest at each commit.
        decided.filter((sku, message) -> message instanceof Availability)
                .toTable(Materialized.<String, Message>as(Stores.inMemoryKeyValueStore("availability-latest"))
                        .withKeySerde(KEYS)
                        .withValueSerde(MESSAGES)
                        .withLoggingDisabled()
                        .withCachingEnabled())
                .toStream()
                .to("inventory.availability", Produced.with(KEYS, MESSAGES));
    }

    /** RocksDB with a changelog, and a cache before both: what a transaction writes twice goes out once. */
    private static <T extends Message> StoreBuilder<KeyValueStore<String, T>> store(String name, Serde<T> values) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), KEYS, values).withCachingEnabled();
    }

    private static <T extends Message> StoreBuilder<KeyValueStore<String, T>> inMemory(String name, Serde<T> values) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), KEYS, values).withLoggingDisabled();
    }

    /** The order a result is about; the SKU when it is about none. */
    private static String keyOf(String sku, Message message) {
        String orderId = switch (message) {
            case Reserved result -> result.orderId;
            case ReservationRejected result -> result.orderId;
            case ReservationResolved result -> result.orderId;
            case StockArrived result -> result.orderId;
            default -> "";
        };
        return orderId.isEmpty() ? sku : orderId;
    }

    private static String topicOf(String key, Message message, RecordContext context) {
        return switch (message) {
            case Order order -> "orders";
            case Review review -> "orders.review";
            case Duplicate duplicate -> "orders.duplicates";
            case OrderStatusChanged status -> "order.status";
            case Reserve command -> "inventory.commands";
            case Release command -> "inventory.commands";
            case AwaitStock command -> "inventory.commands";
            case ForgetStock command -> "inventory.commands";
            case Reserved result -> "inventory.results";
            case ReservationRejected result -> "inventory.results";
            case ReservationResolved result -> "inventory.results";
            case StockArrived result -> "inventory.results";
            case StockCommandAnswered result -> "inventory.results";
            case StockAlert alert -> "inventory.alerts";
            default -> "allocations";
        };
    }
}
