// Written by `python -m tests.bench.java_records` from schemas/*.avsc: change those.
package penstock.records;

/** EXACT repeats content already seen; STALE is older than what was seen. */
public enum DuplicateKind {
    EXACT, STALE;

    static final DuplicateKind[] ALL = values();
}
