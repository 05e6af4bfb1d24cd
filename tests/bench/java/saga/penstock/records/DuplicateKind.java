// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** EXACT repeats content already seen; STALE is older than what was seen. */
public enum DuplicateKind {
    EXACT, STALE;

    static final DuplicateKind[] ALL = values();
}
