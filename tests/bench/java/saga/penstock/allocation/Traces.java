package penstock.allocation;

import java.util.ArrayList;
import java.util.List;
import penstock.records.Considered;
import penstock.records.DecisionTrace;
import penstock.records.Missing;
import penstock.records.OrderState;
import penstock.records.TraceRound;

/** The decision trace: what was looked at in each round, and why it was chosen or not. Bounded, whatever the order. */
final class Traces {
    private static final int CONSIDERED_MAX = 20;
    static final int MISSING_MAX = 20;

    private Traces() {}

    /** Adds a round; the first of an attempt starts a new trace. */
    static void addRound(OrderState state, int number, List<Considered> considered, List<Missing> missing) {
        if (state.trace == null || number == 1) {
            state.trace = new DecisionTrace();
            state.trace.rounds = new ArrayList<>();
        }
        TraceRound round = new TraceRound();
        round.round = number;
        round.considered = considered.subList(0, Math.min(considered.size(), CONSIDERED_MAX));
        round.rejected = new ArrayList<>(missing.subList(0, Math.min(missing.size(), MISSING_MAX)));
        state.trace.rounds.add(round);
    }

    /** Adds a rejected reservation to the last round; shortfalls of one SKU add up. */
    static void addRejection(OrderState state, String sku, int shortfall) {
        if (state.trace == null) {
            addRound(state, 1, List.of(), List.of());
        }
        List<Missing> rejected = state.trace.rounds.getLast().rejected;
        for (Missing missing : rejected) {
            if (missing.sku.equals(sku)) {
                missing.shortfall += shortfall;
                return;
            }
        }
        if (rejected.size() < MISSING_MAX) {
            rejected.add(missing(sku, shortfall));
        }
    }

    /** What the last round lacked. */
    static List<Missing> missing(OrderState state) {
        return state.trace == null || state.trace.rounds.isEmpty() ? List.of() : state.trace.rounds.getLast().rejected;
    }

    static Missing missing(String sku, int shortfall) {
        Missing missing = new Missing();
        missing.sku = sku;
        missing.shortfall = shortfall;
        return missing;
    }

    static boolean same(List<Missing> one, List<Missing> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int index = 0; index < one.size(); index++) {
            Missing left = one.get(index);
            Missing right = other.get(index);
            if (!left.sku.equals(right.sku) || left.shortfall != right.shortfall) {
                return false;
            }
        }
        return true;
    }
}
