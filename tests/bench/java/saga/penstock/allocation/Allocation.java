package penstock.allocation;

import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import penstock.records.AwaitStock;
import penstock.records.ForgetStock;
import penstock.records.Message;
import penstock.records.Order;
import penstock.records.OrderState;
import penstock.records.Release;
import penstock.records.ReservationRejected;
import penstock.records.ReservationResolved;
import penstock.records.Reserve;
import penstock.records.Reserved;
import penstock.records.StockArrived;
import penstock.records.StockCommandAnswered;
import penstock.view.Surroundings;

/** The saga of each order: one event about it in, its state changed; commands, decisions and statuses out. */
public final class Allocation extends ContextualProcessor<String, Message, String, Message> {
    public static final String ORDER_STATE = "order_state";

    private final Surroundings view;
    private KeyValueStore<String, OrderState> states;

    public Allocation(Surroundings view) {
        this.view = view;
    }

    @Override
    public void init(ProcessorContext<String, Message> context) {
        super.init(context);
        states = context.getStateStore(ORDER_STATE);
    }

    @Override
    public void process(Record<String, Message> record) {
        if (record.value() instanceof StockCommandAnswered) {
            return; // for whoever gave the command; no order's saga depends on it
        }
        OrderState known = states.get(record.key());
        Step step = new Step(known == null ? States.awaited(record.key()) : known, view, record.timestamp());
        switch (record.value()) {
            case Order order -> OrderEvents.onOrder(step, order);
            case Reserved result -> StockEvents.onReserved(step, result);
            case ReservationRejected result -> StockEvents.onRejected(step, result);
            case ReservationResolved result -> StockEvents.onResolved(step, result);
            case StockArrived arrived -> StockEvents.onStockArrived(step, arrived);
            default -> throw new IllegalArgumentException("no event of this benchmark: " + record.value());
        }
        if (step.changed) {
            states.put(record.key(), step.state);
        }
        for (Message message : step.out) {
            context().forward(record.withKey(keyOf(message, record.key())).withValue(message));
        }
    }

    /** Commands go by their SKU, everything else by the order. */
    private static String keyOf(Message message, String orderId) {
        return switch (message) {
            case Reserve command -> command.sku;
            case Release command -> command.sku;
            case AwaitStock command -> command.sku;
            case ForgetStock command -> command.sku;
            default -> orderId;
        };
    }
}
