package penstock.allocation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import penstock.allocation.Planner.Plan;
import penstock.allocation.States.Need;
import penstock.records.AllocatedPart;
import penstock.records.AllocationReleased;
import penstock.records.Missing;
import penstock.records.OrderAllocated;
import penstock.records.OrderState;
import penstock.records.Part;
import penstock.records.PartState;
import penstock.records.Phase;
import penstock.records.StockLevel;

/** The saga of one order: begin an attempt, settle a round, withdraw, close. No reservation leaks. */
final class Rounds {
    /** A rejection means that others took the units between plan and reservation: who loses three races waits. */
    private static final int ROUNDS_MAX = 3;

    private Rounds() {}

    /** Starts a new attempt for everything outstanding. */
    static void begin(Step step, String reason) {
        OrderState state = step.state;
        List<Need> needs = States.outstanding(state.lines);
        if (needs.isEmpty()) {
            close(step, Phase.CANCELLED, "nothing left to send");
            return;
        }
        Map<String, List<StockLevel>> levels = Asking.knownLevels(step.view, needs, Map.of());
        Plan plan = Planner.plan(needs, levels, step.view, state.province);
        state.attempt++;
        state.parts.clear();
        tryRound(step, 1, needs, levels, plan, reason);
    }

    /** Once every part of the round has its answer: allocated, or the next round, or a backorder. */
    static void settle(Step step, Map<String, List<StockLevel>> fresh) {
        if (States.any(step.state, PartState.ASKED)) {
            return;
        }
        if (States.any(step.state, PartState.REJECTED)) {
            nextRound(step, fresh);
        } else if (States.any(step.state, PartState.GRANTED)) {
            allocated(step);
        }
    }

    /** Takes back whatever was asked: releases every part that may hold units, stops waiting, says so. */
    static void withdraw(Step step, String reason) {
        OrderState state = step.state;
        List<String> released = releaseHolding(step, reason);
        for (String sku : Asking.queuedFor(state)) {
            step.forgetStock(sku);
        }
        state.waiting.clear();
        step.changed = true;
        if (States.DECIDING.contains(state.phase)) {
            AllocationReleased event = new AllocationReleased();
            event.orderId = state.orderId;
            event.channel = state.channel;
            event.shop = state.shop;
            event.attempt = state.attempt;
            event.reason = reason;
            event.reservationIds = released;
            event.decidedAtMs = step.atMs;
            step.send(event);
        }
    }

    /** Enters a phase from which nothing more is shipped. */
    static void close(Step step, Phase phase, String reason) {
        States.closeLines(step.state);
        step.changed = true;
        step.enter(phase, reason);
    }

    private static void tryRound(
            Step step, int number, List<Need> needs, Map<String, List<StockLevel>> levels, Plan plan, String reason) {
        step.state.round = number;
        step.changed = true;
        Traces.addRound(step.state, number, plan.considered(), plan.missing());
        if (plan.missing().isEmpty()) {
            Asking.ask(step, plan.parts(), reason);
        } else {
            Asking.backorder(step, needs, levels, plan.missing());
        }
    }

    /** Releases what was granted and plans again on the fresh numbers; after the last round, a backorder. */
    private static void nextRound(Step step, Map<String, List<StockLevel>> fresh) {
        OrderState state = step.state;
        List<Part> refused = new ArrayList<>();
        for (Part part : state.parts) {
            if (part.state == PartState.REJECTED) {
                refused.add(part);
            }
        }
        releaseHolding(step, "replanned");
        state.parts.clear();
        step.changed = true;
        List<Need> needs = States.outstanding(state.lines);
        Map<String, Integer> shortfalls = new LinkedHashMap<>();
        for (Missing each : Traces.missing(state)) {
            shortfalls.put(each.sku, each.shortfall);
        }
        if (state.round >= ROUNDS_MAX) {
            Asking.backorder(step, needs, null, refusedUnits(refused, shortfalls));
            return;
        }
        Map<String, List<StockLevel>> levels = Asking.knownLevels(step.view, needs, fresh);
        Asking.boundByRefusals(levels, refused, shortfalls, fresh);
        Plan plan = Planner.plan(needs, levels, step.view, state.province);
        tryRound(step, state.round + 1, needs, levels, plan, "replanned");
    }

    /** The shortfall per SKU refused: as answered where the trace still knows it, else the whole quantity. */
    private static List<Missing> refusedUnits(List<Part> refused, Map<String, Integer> shortfalls) {
        Map<String, Integer> units = new LinkedHashMap<>();
        for (Part part : refused) {
            Integer known = shortfalls.get(part.sku);
            units.put(part.sku, known != null ? known : units.getOrDefault(part.sku, 0) + part.quantity);
        }
        List<Missing> missing = new ArrayList<>();
        units.forEach((sku, shortfall) -> missing.add(Traces.missing(sku, shortfall)));
        return missing;
    }

    private static void allocated(Step step) {
        OrderState state = step.state;
        OrderAllocated decided = new OrderAllocated();
        decided.orderId = state.orderId;
        decided.channel = state.channel;
        decided.shop = state.shop;
        decided.orderVersion = state.orderVersion;
        decided.attempt = state.attempt;
        decided.rounds = state.round;
        decided.parts = new ArrayList<>(state.parts.size());
        for (Part part : state.parts) {
            if (part.state == PartState.GRANTED) {
                AllocatedPart granted = new AllocatedPart();
                granted.reservationId = part.reservationId;
                granted.lineNo = part.lineNo;
                granted.sku = part.sku;
                granted.warehouse = part.warehouse;
                granted.quantity = part.quantity;
                decided.parts.add(granted);
            }
        }
        decided.trace = state.trace;
        decided.receivedAtMs = state.receivedAtMs;
        decided.decidedAtMs = step.atMs;
        step.send(decided);
        // Told with the decision; nothing after it needs the trace, which is the longest part of the state.
        state.trace = null;
        step.changed = true;
        step.enter(Phase.ALLOCATED, "every part is reserved");
    }

    /** Releases every part that holds or may hold units; the ids released. */
    private static List<String> releaseHolding(Step step, String reason) {
        List<String> released = new ArrayList<>();
        for (Part part : step.state.parts) {
            if (States.holds(part)) {
                step.release(part, reason);
                released.add(part.reservationId);
                part.state = PartState.RELEASED;
                step.changed = true;
            }
        }
        return released;
    }
}
