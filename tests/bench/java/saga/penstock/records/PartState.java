// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** ASKED waits for the answer; GRANTED, REJECTED, RELEASED, COMMITTED as last heard of or asked for. */
public enum PartState {
    ASKED, GRANTED, REJECTED, RELEASED, COMMITTED;

    static final PartState[] ALL = values();
}
