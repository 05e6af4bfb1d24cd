package penstock.allocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import penstock.allocation.Planner.PlannedPart;
import penstock.allocation.States.Need;
import penstock.inventory.Balances;
import penstock.records.Missing;
import penstock.records.OrderBackordered;
import penstock.records.OrderState;
import penstock.records.Part;
import penstock.records.PartState;
import penstock.records.Phase;
import penstock.records.Reserve;
import penstock.records.StockLevel;
import penstock.view.Surroundings;

/** Asking for an order's units: send a Reserve per part, or decide that the order waits. */
final class Asking {
    private Asking() {}

    /** The levels of each SKU needed, the fresh ones before the view's. */
    static Map<String, List<StockLevel>> knownLevels(
            Surroundings view, List<Need> needs, Map<String, List<StockLevel>> fresh) {
        Map<String, List<StockLevel>> levels = HashMap.newHashMap(needs.size());
        for (Need need : needs) {
            List<StockLevel> own = fresh.get(need.sku());
            levels.put(need.sku(), own != null ? own : view.levels(need.sku()));
        }
        return levels;
    }

    /** The levels, bounded by what refusals prove, so that a late view does not make the same plan again. */
    static void boundByRefusals(Map<String, List<StockLevel>> levels, List<Part> refused,
            Map<String, Integer> shortfalls, Map<String, List<StockLevel>> fresh) {
        for (Part part : refused) {
            if (fresh.containsKey(part.sku) || !levels.containsKey(part.sku)) {
                continue;
            }
            // The only part of its SKU that was refused lacked exactly the SKU's shortfall; one of several at least 1.
            boolean only = refused.stream().filter(each -> each.sku.equals(part.sku)).count() == 1;
            int lacked = only ? shortfalls.getOrDefault(part.sku, 1) : 1;
            List<StockLevel> bounded = new ArrayList<>();
            for (StockLevel level : levels.get(part.sku)) {
                bounded.add(level.warehouse.equals(part.warehouse) ? bounded(level, part.quantity - lacked) : level);
            }
            levels.put(part.sku, bounded);
        }
    }

    /** A copy: the level itself belongs to the view. */
    private static StockLevel bounded(StockLevel level, int sellableMost) {
        StockLevel copy = new StockLevel();
        copy.warehouse = level.warehouse;
        copy.onHand = Math.min(level.onHand, level.reserved + level.safetyStock + sellableMost);
        copy.reserved = level.reserved;
        copy.safetyStock = level.safetyStock;
        copy.open = level.open;
        return copy;
    }

    /** Sends one Reserve per part. */
    static void ask(Step step, List<PlannedPart> planned, String reason) {
        OrderState state = step.state;
        String prefix = state.orderId + "/" + state.attempt + "." + state.round + "/";
        for (PlannedPart each : planned) {
            Part part = new Part();
            part.reservationId = prefix + each.lineNo() + "/" + each.warehouse();
            part.lineNo = each.lineNo();
            part.sku = each.sku();
            part.warehouse = each.warehouse();
            part.quantity = each.quantity();
            part.state = PartState.ASKED;
            state.parts.add(part);
            Reserve command = new Reserve();
            command.commandId = part.reservationId + "/reserve";
            command.reservationId = part.reservationId;
            command.orderId = state.orderId;
            command.sku = part.sku;
            command.warehouse = part.warehouse;
            command.quantity = part.quantity;
            command.requestedAtMs = step.atMs;
            step.send(command);
        }
        step.changed = true;
        step.enter(Phase.RESERVING, reason);
    }

    /** The SKUs in whose queues a backorder may stand: those it waits for, and those a retry has asked for. */
    static List<String> queuedFor(OrderState state) {
        if (state.phase != Phase.BACKORDERED) {
            return List.of();
        }
        List<String> queued = new ArrayList<>(state.waiting);
        for (Missing each : Traces.missing(state)) {
            if (!state.waiting.contains(each.sku)) {
                queued.add(each.sku);
            }
        }
        return queued;
    }

    /** Waits for each SKU of which there is too little anywhere; returns those. `levels` null: only the inventory knows. */
    static List<String> awaitMissing(
            Step step, List<Need> needs, Map<String, List<StockLevel>> levels, List<Missing> missing) {
        Map<String, Integer> wanted = States.unitsPerSku(needs);
        List<String> lacking = new ArrayList<>();
        for (Missing each : missing) {
            int units = wanted.get(each.sku);
            if (levels == null || Balances.sellableTotal(levels.get(each.sku)) < units) {
                lacking.add(each.sku);
                if (!step.state.waiting.contains(each.sku)) {
                    step.awaitStock(each.sku, units);
                    step.state.waiting.add(each.sku);
                    step.changed = true;
                }
            }
        }
        return lacking;
    }

    /** Decides that the order waits, for stock or for a warehouse. */
    static void backorder(Step step, List<Need> needs, Map<String, List<StockLevel>> levels, List<Missing> missing) {
        List<String> lacking = awaitMissing(step, needs, levels, missing);
        String reason = levels == null ? "rounds_used_up" : lacking.isEmpty() ? "no_warehouse_can_send" : "out_of_stock";
        OrderState state = step.state;
        OrderBackordered decided = new OrderBackordered();
        decided.orderId = state.orderId;
        decided.channel = state.channel;
        decided.shop = state.shop;
        decided.orderVersion = state.orderVersion;
        decided.attempt = state.attempt;
        decided.rounds = state.round;
        decided.missing = missing;
        decided.reason = reason;
        decided.trace = state.trace;
        decided.receivedAtMs = state.receivedAtMs;
        decided.decidedAtMs = step.atMs;
        step.send(decided);
        step.enter(Phase.BACKORDERED, reason);
    }
}
