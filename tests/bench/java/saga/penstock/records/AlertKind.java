// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** SALE_CLOSED at or below safety stock; SALE_REOPENED above it again. */
public enum AlertKind {
    SALE_CLOSED, SALE_REOPENED;

    static final AlertKind[] ALL = values();
}
