// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** APPLIED took effect now; ALREADY_APPLIED repeats a command; REFUSED would have broken an invariant. */
public enum StockAnswer {
    APPLIED, ALREADY_APPLIED, REFUSED;

    static final StockAnswer[] ALL = values();
}
