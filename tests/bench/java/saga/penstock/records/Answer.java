// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** COMMITTED, RELEASED, EXPIRED took effect now; ALREADY_* had been resolved before, with that outcome; NEVER_RESERVED: no such reservation, or it was rejected. */
public enum Answer {
    COMMITTED, RELEASED, EXPIRED, ALREADY_COMMITTED, ALREADY_RELEASED, ALREADY_EXPIRED, NEVER_RESERVED;

    static final Answer[] ALL = values();
}
