package penstock.allocation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import penstock.records.Order;
import penstock.records.OrderLine;
import penstock.records.OrderState;
import penstock.records.Part;
import penstock.records.PartState;
import penstock.records.Phase;
import penstock.records.StateLine;

/** The state of one order, and the questions asked of it. */
final class States {
    /** A state made by an event that came before its order. */
    static final long NOT_ARRIVED = -1;
    /** Phases in which a decision stands or is being made, which an exit has to take back. */
    static final Set<Phase> DECIDING = EnumSet.of(Phase.RESERVING, Phase.ALLOCATED, Phase.BACKORDERED);
    static final Set<Phase> CLOSED = EnumSet.of(Phase.SHIPPED, Phase.CANCELLED);

    /** Units of one order line that a warehouse has to send. */
    record Need(String lineNo, String sku, int quantity) {}

    private States() {}

    static OrderState awaited(String orderId) {
        OrderState state = new OrderState();
        state.orderId = orderId;
        state.channel = orderId.substring(0, Math.max(0, orderId.indexOf(':')));
        state.shop = "";
        state.orderVersion = NOT_ARRIVED;
        state.phase = Phase.UNPAID;
        state.province = "";
        state.country = "";
        state.lines = new ArrayList<>();
        state.parts = new ArrayList<>();
        state.shipments = new ArrayList<>();
        state.shippedWarehouses = new ArrayList<>();
        state.waiting = new ArrayList<>();
        return state;
    }

    static boolean hasArrived(OrderState state) {
        return state.orderVersion != NOT_ARRIVED;
    }

    /** Parts that hold, or may hold, units in the inventory. */
    static boolean holds(Part part) {
        return part.state == PartState.ASKED || part.state == PartState.GRANTED;
    }

    static boolean any(OrderState state, PartState wanted) {
        for (Part part : state.parts) {
            if (part.state == wanted) {
                return true;
            }
        }
        return false;
    }

    static Part part(OrderState state, String reservationId) {
        for (Part part : state.parts) {
            if (part.reservationId.equals(reservationId)) {
                return part;
            }
        }
        return null;
    }

    /** The lines of an order still to be shipped; units refunded before they were shipped need no warehouse. */
    static List<StateLine> openLines(Order order) {
        List<StateLine> lines = new ArrayList<>(order.lines.size());
        for (OrderLine line : order.lines) {
            StateLine open = new StateLine();
            open.lineNo = line.lineNo;
            open.sku = line.sku;
            open.quantity = line.quantity;
            open.returnedQuantity = line.returnedQuantity;
            open.restockedQuantity = Math.max(0, Math.min(line.returnedQuantity, line.quantity));
            lines.add(open);
        }
        return lines;
    }

    /** Nothing more will be shipped of an order: without a shipment none of its units can come back. */
    static void closeLines(OrderState state) {
        for (StateLine line : state.lines) {
            line.restockedQuantity = line.quantity;
        }
    }

    /** Takes over the returned quantities of a newer version. */
    static void returnLines(List<StateLine> lines, Order order) {
        Map<String, Integer> returned = new HashMap<>();
        for (OrderLine line : order.lines) {
            returned.put(line.lineNo, line.returnedQuantity);
        }
        for (StateLine line : lines) {
            line.returnedQuantity = Math.max(line.returnedQuantity, returned.getOrDefault(line.lineNo, 0));
        }
    }

    /** What a warehouse still has to send of each line; lines that need nothing are left out. */
    static List<Need> outstanding(List<StateLine> lines) {
        List<Need> needs = new ArrayList<>(lines.size());
        for (StateLine line : lines) {
            int units = line.quantity - line.restockedQuantity;
            if (units > 0) {
                needs.add(new Need(line.lineNo, line.sku, units));
            }
        }
        return needs;
    }

    /** Units needed of each SKU, over all lines, in their order. */
    static Map<String, Integer> unitsPerSku(List<Need> needs) {
        Map<String, Integer> units = new LinkedHashMap<>();
        for (Need need : needs) {
            units.merge(need.sku(), need.quantity(), Integer::sum);
        }
        return units;
    }
}
