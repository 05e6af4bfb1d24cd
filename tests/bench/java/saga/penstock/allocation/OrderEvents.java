package penstock.allocation;

import java.util.List;
import penstock.records.Order;
import penstock.records.OrderState;
import penstock.records.OrderStatus;
import penstock.records.Phase;
import penstock.records.StateLine;

/** What the order itself sets in motion. A version older than the known one changes nothing. */
final class OrderEvents {
    private OrderEvents() {}

    static void onOrder(Step step, Order order) {
        if (order.version <= step.state.orderVersion) {
            return;
        }
        step.changed = true;
        if (States.CLOSED.contains(step.state.phase)) {
            onClosed(step, order);
            return;
        }
        switch (order.status) {
            case PAID -> {
                // The platform itself has lifted the hold; the next one is another hold and needs its own release.
                step.state.holdReleased = false;
                onShippable(step, order, "paid");
            }
            case HOLD -> onHold(step, order);
            case UNPAID -> onUnpaid(step, order);
            case SHIPPED -> onPlatformShipped(step, order);
            case CANCELLED -> {
                adopt(step.state, order);
                Rounds.withdraw(step, "cancelled");
                Rounds.close(step, Phase.CANCELLED, "cancelled by the platform");
            }
        }
    }

    private static void onHold(Step step, Order order) {
        if (step.state.holdReleased) {
            onShippable(step, order, "hold released");
            return;
        }
        String reason = order.holdReason == null || order.holdReason.isEmpty() ? "held" : order.holdReason;
        adopt(step.state, order);
        Rounds.withdraw(step, "held: " + reason);
        step.enter(Phase.HELD, reason);
    }

    private static void onShippable(Step step, Order order, String reason) {
        OrderState state = step.state;
        boolean deciding = States.DECIDING.contains(state.phase);
        List<StateLine> lines = States.openLines(order);
        boolean same = deciding && States.outstanding(lines).equals(States.outstanding(state.lines));
        long receivedAtMs = state.receivedAtMs;
        adopt(state, order);
        if (same) {
            state.receivedAtMs = receivedAtMs;
        } else {
            if (deciding) {
                Rounds.withdraw(step, "order_changed");
            }
            Rounds.begin(step, deciding ? "order changed" : reason);
        }
    }

    private static void onUnpaid(Step step, Order order) {
        boolean first = !States.hasArrived(step.state);
        adopt(step.state, order);
        Rounds.withdraw(step, "unpaid");
        if (first && step.state.phase == Phase.UNPAID) {
            step.note("not paid yet");
        } else {
            step.enter(Phase.UNPAID, "not paid yet");
        }
    }

    /** The platform shows it shipped. That commits no stock: the warehouse's own Shipped does. */
    private static void onPlatformShipped(Step step, Order order) {
        OrderState state = step.state;
        if (state.phase == Phase.RESERVING || state.phase == Phase.ALLOCATED) {
            state.orderVersion = order.version;
            States.returnLines(state.lines, order);
            return;
        }
        adopt(state, order);
        Rounds.withdraw(step, "shipped_elsewhere");
        Rounds.close(step, Phase.SHIPPED, "shipped before it was allocated");
    }

    /** A newer version of an order nothing more is shipped of. */
    private static void onClosed(Step step, Order order) {
        OrderState state = step.state;
        state.orderVersion = order.version;
        States.returnLines(state.lines, order);
        if (state.phase == Phase.CANCELLED && (order.status == OrderStatus.PAID || order.status == OrderStatus.HOLD)) {
            step.note("paid after it was cancelled; it stays cancelled");
        } else if (state.phase == Phase.SHIPPED && order.status == OrderStatus.CANCELLED) {
            step.note("cancelled after it was shipped");
        }
    }

    /** Takes over what a version of the order says. */
    private static void adopt(OrderState state, Order order) {
        state.channel = order.channel;
        state.shop = order.shop;
        state.orderVersion = order.version;
        state.province = order.receiver.province;
        state.country = order.receiver.country;
        state.lines = States.openLines(order);
        state.receivedAtMs = order.receivedAtMs;
    }
}
