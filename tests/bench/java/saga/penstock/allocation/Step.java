package penstock.allocation;

import java.util.ArrayList;
import java.util.List;
import penstock.records.AwaitStock;
import penstock.records.ForgetStock;
import penstock.records.Message;
import penstock.records.OrderState;
import penstock.records.OrderStatusChanged;
import penstock.records.Part;
import penstock.records.Phase;
import penstock.records.Release;
import penstock.view.Surroundings;

/** One decision while it is being made: the order's state, changed in place, and what will be sent. */
final class Step {
    final OrderState state;
    final Surroundings view;
    final long atMs;
    final List<Message> out = new ArrayList<>();
    boolean changed;

    Step(OrderState state, Surroundings view, long atMs) {
        this.state = state;
        this.view = view;
        this.atMs = atMs;
    }

    void send(Message message) {
        out.add(message);
    }

    /** Goes to a phase and says so. */
    void enter(Phase phase, String reason) {
        if (state.phase != phase) {
            state.phase = phase;
            changed = true;
            note(reason);
        }
    }

    /** Says something about an order, whether or not its phase has changed. */
    void note(String reason) {
        OrderStatusChanged status = new OrderStatusChanged();
        status.orderId = state.orderId;
        status.channel = state.channel;
        status.shop = state.shop;
        status.status = state.phase;
        status.reason = reason;
        status.orderVersion = state.orderVersion;
        status.atMs = atMs;
        out.add(status);
    }

    void release(String reservationId, String sku, String warehouse, String reason) {
        Release command = new Release();
        command.commandId = reservationId + "/release";
        command.reservationId = reservationId;
        command.orderId = state.orderId;
        command.sku = sku;
        command.warehouse = warehouse;
        command.reason = reason;
        command.requestedAtMs = atMs;
        out.add(command);
    }

    void release(Part part, String reason) {
        release(part.reservationId, part.sku, part.warehouse, reason);
    }

    /** Asks to be told when this many units can be sold. */
    void awaitStock(String sku, int quantity) {
        AwaitStock command = new AwaitStock();
        command.commandId = state.orderId + "/" + state.attempt + "/await/" + sku;
        command.orderId = state.orderId;
        command.sku = sku;
        command.quantity = quantity;
        command.requestedAtMs = atMs;
        out.add(command);
    }

    /** Waits no longer, and lets the next in the queue have what was announced. */
    void forgetStock(String sku) {
        ForgetStock command = new ForgetStock();
        command.commandId = state.orderId + "/" + state.attempt + "/forget/" + sku;
        command.orderId = state.orderId;
        command.sku = sku;
        command.requestedAtMs = atMs;
        out.add(command);
    }
}
