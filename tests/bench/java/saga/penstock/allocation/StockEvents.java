package penstock.allocation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import penstock.allocation.Planner.Plan;
import penstock.allocation.States.Need;
import penstock.records.OrderState;
import penstock.records.Part;
import penstock.records.PartState;
import penstock.records.Phase;
import penstock.records.ReservationRejected;
import penstock.records.ReservationResolved;
import penstock.records.Reserved;
import penstock.records.StockArrived;
import penstock.records.StockLevel;

/** What the inventory's answers set in motion. */
final class StockEvents {
    private StockEvents() {}

    /** A part is granted. One that is no longer current is being released already; one nobody knows is released now. */
    static void onReserved(Step step, Reserved result) {
        Part part = States.part(step.state, result.reservationId);
        if (part != null && part.state == PartState.ASKED) {
            part.state = PartState.GRANTED;
            step.changed = true;
            Rounds.settle(step, Map.of());
        } else if (!States.hasArrived(step.state)) {
            step.release(result.reservationId, result.sku, result.warehouse, "unknown_order");
        }
    }

    /** A part is refused, with fresh numbers for the next plan. */
    static void onRejected(Step step, ReservationRejected result) {
        Part part = States.part(step.state, result.reservationId);
        if (part == null || part.state != PartState.ASKED) {
            return;
        }
        part.state = PartState.REJECTED;
        step.changed = true;
        Traces.addRejection(step.state, result.sku, result.shortfall);
        Rounds.settle(step, Map.of(result.sku, result.levels));
    }

    /** The answer to a Release of ours, which tells nothing new; or the end of a reservation by itself. */
    static void onResolved(Step step, ReservationResolved result) {
        Part part = States.part(step.state, result.reservationId);
        if (part != null && States.holds(part)) {
            part.state = PartState.RELEASED;
            String answer = result.answer.name().toLowerCase(Locale.ROOT);
            Rounds.withdraw(step, "reservation_" + answer);
            Rounds.begin(step, "reservation " + answer);
        }
    }

    /** Units a backorder may use. Whoever can't use them says so, for the next in the queue. */
    static void onStockArrived(Step step, StockArrived arrived) {
        OrderState state = step.state;
        if (state.phase != Phase.BACKORDERED) {
            step.forgetStock(arrived.sku);
            return;
        }
        step.changed = true;
        List<Need> needs = States.outstanding(state.lines);
        Map<String, List<StockLevel>> levels =
                Asking.knownLevels(step.view, needs, Map.of(arrived.sku, arrived.levels));
        Plan plan = Planner.plan(needs, levels, step.view, state.province);
        if (!plan.missing().isEmpty() && Traces.same(firstMissing(plan), Traces.missing(state))) {
            // The decision stands as it was announced: no new one.
            state.waiting.remove(arrived.sku);
            if (!Asking.awaitMissing(step, needs, levels, plan.missing()).contains(arrived.sku)) {
                step.forgetStock(arrived.sku);
            }
            return;
        }
        Set<String> queued = new LinkedHashSet<>(List.of(arrived.sku));
        queued.addAll(Asking.queuedFor(state));
        state.attempt++;
        state.round = 1;
        Traces.addRound(state, 1, plan.considered(), plan.missing());
        if (plan.missing().isEmpty()) {
            state.waiting = new ArrayList<>();
            Asking.ask(step, plan.parts(), "stock arrived");
        } else {
            state.waiting.remove(arrived.sku);
            Asking.backorder(step, needs, levels, plan.missing());
        }
        // After the Reserve in the same log: what this order leaves of the units goes to the next in the queue.
        for (String sku : queued) {
            if (!state.waiting.contains(sku)) {
                step.forgetStock(sku);
            }
        }
    }

    private static List<penstock.records.Missing> firstMissing(Plan plan) {
        return plan.missing().subList(0, Math.min(plan.missing().size(), Traces.MISSING_MAX));
    }
}
