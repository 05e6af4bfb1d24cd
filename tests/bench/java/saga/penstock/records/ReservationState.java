// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** RESERVED is open; COMMITTED, RELEASED and EXPIRED resolve it once and for good; REJECTED was never granted. */
public enum ReservationState {
    RESERVED, COMMITTED, RELEASED, EXPIRED, REJECTED;

    static final ReservationState[] ALL = values();
}
