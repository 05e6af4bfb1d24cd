// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** Where an order stands in its allocation saga: UNPAID waits for payment, HELD waits for the platform or an operator, RESERVING waits for answers, ALLOCATED waits for shipment, BACKORDERED waits for stock; CANCELLED and SHIPPED end it. */
public enum Phase {
    UNPAID, HELD, RESERVING, ALLOCATED, BACKORDERED, CANCELLED, SHIPPED;

    static final Phase[] ALL = values();
}
