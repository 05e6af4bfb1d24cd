// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

/** ACCEPTED went to orders; REVIEW went to the review queue and never blocks a corrected event. */
public enum SeenOutcome {
    ACCEPTED, REVIEW;

    static final SeenOutcome[] ALL = values();
}
