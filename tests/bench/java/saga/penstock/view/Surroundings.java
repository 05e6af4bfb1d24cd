package penstock.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import penstock.records.Availability;
import penstock.records.StockLevel;
import penstock.records.Warehouse;

/**
 * What intake and planning see of the world: two global stores, kept decoded beside their bytes, and the open units of
 * each warehouse summed up. Written by the global thread, read by the stream threads; late by nature.
 */
public final class Surroundings {
    public static final String AVAILABILITY = "availability";
    public static final String WAREHOUSES = "warehouses";

    private final Map<String, Availability> availability = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> load = new ConcurrentHashMap<>();
    // By name: plans don't depend on the order of arrival.
    private final Map<String, Warehouse> byName = new ConcurrentSkipListMap<>();
    private volatile List<Warehouse> warehouses = List.of();

    /** SKUs that have, or have had, stock. */
    public boolean knows(String sku) {
        return availability.containsKey(sku);
    }

    /** Newest known levels of a SKU; empty when it never had any. */
    public List<StockLevel> levels(String sku) {
        Availability known = availability.get(sku);
        return known == null ? List.of() : known.levels;
    }

    public List<Warehouse> warehouses() {
        return warehouses;
    }

    /** Open (reserved, not yet shipped) units of a warehouse. */
    public long load(String warehouse) {
        AtomicLong units = load.get(warehouse);
        return units == null ? 0 : units.get();
    }

    private void see(String sku, Availability seen) {
        Availability before = seen == null ? availability.remove(sku) : availability.put(sku, seen);
        count(before, -1);
        count(seen, 1);
    }

    private void count(Availability known, int sign) {
        if (known != null) {
            for (StockLevel level : known.levels) {
                load.computeIfAbsent(level.warehouse, name -> new AtomicLong()).addAndGet((long) sign * level.reserved);
            }
        }
    }

    private void see(String name, Warehouse seen) {
        if (seen == null) {
            byName.remove(name);
        } else {
            byName.put(name, seen);
        }
        warehouses = new ArrayList<>(byName.values());
    }

    /** Feeds the view of balances from its global store: first what was restored, then each change. */
    public ContextualProcessor<String, Availability, Void, Void> availabilityFeed() {
        return new Feed<>(AVAILABILITY) {
            @Override
            void show(String key, Availability value) {
                see(key, value);
            }
        };
    }

    public ContextualProcessor<String, Warehouse, Void, Void> warehouseFeed() {
        return new Feed<>(WAREHOUSES) {
            @Override
            void show(String key, Warehouse value) {
                see(key, value);
            }
        };
    }

    private abstract static class Feed<V> extends ContextualProcessor<String, V, Void, Void> {
        private final String name;
        private KeyValueStore<String, V> store;

        Feed(String name) {
            this.name = name;
        }

        abstract void show(String key, V value);

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            store = context.getStateStore(name);
            try (KeyValueIterator<String, V> restored = store.all()) {
                while (restored.hasNext()) {
                    KeyValue<String, V> each = restored.next();
                    show(each.key, each.value);
                }
            }
        }

        @Override
        public void process(Record<String, V> record) {
            store.put(record.key(), record.value());
            show(record.key(), record.value());
        }
    }
}
