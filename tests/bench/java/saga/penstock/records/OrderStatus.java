// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** What the platform says: PAID is paid and shippable, HOLD is paid but not to be shipped now, SHIPPED is shown shipped or finished. */
public enum OrderStatus {
    UNPAID, PAID, HOLD, SHIPPED, CANCELLED;

    static final OrderStatus[] ALL = values();
}
