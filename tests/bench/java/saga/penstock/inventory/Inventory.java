package penstock.inventory;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import penstock.records.Applied;
import penstock.records.Availability;
import penstock.records.AwaitStock;
import penstock.records.ForgetStock;
import penstock.records.Message;
import penstock.records.Receive;
import penstock.records.Release;
import penstock.records.Reservation;
import penstock.records.Reserve;
import penstock.records.SetSafetyStock;
import penstock.records.Stock;

/** The single writer of each SKU's balance: a command in; answers, alerts and the new balance out, all under the SKU. */
public final class Inventory extends ContextualFixedKeyProcessor<String, Message, Message> {
    public static final String STOCK = "stock";
    public static final String RESERVATIONS = "reservations";
    public static final String APPLIED = "applied";

    private KeyValueStore<String, Stock> stocks;
    private KeyValueStore<String, Reservation> reservations;
    private KeyValueStore<String, Applied> applied;

    @Override
    public void init(FixedKeyProcessorContext<String, Message> context) {
        super.init(context);
        stocks = context.getStateStore(STOCK);
        reservations = context.getStateStore(RESERVATIONS);
        applied = context.getStateStore(APPLIED);
    }

    @Override
    public void process(FixedKeyRecord<String, Message> record) {
        Move move = new Move(stocks.get(record.key()), record.key(), record.timestamp());
        switch (record.value()) {
            case Reserve command -> reserve(move, command);
            case Release command -> release(move, command);
            case Receive command -> Counts.receive(move, command, applied);
            case SetSafetyStock command -> Counts.setSafetyStock(move, command, applied);
            case AwaitStock command -> Backorders.await(move, command);
            case ForgetStock command -> Backorders.forget(move, command);
            default -> throw new IllegalArgumentException("no command of this benchmark: " + record.value());
        }
        if (move.changed) {
            stocks.put(record.key(), move.stock);
        }
        for (Message answer : move.answers) {
            context().forward(record.withValue(answer));
        }
        if (move.levelsChanged) {
            Availability seen = new Availability();
            seen.sku = move.stock.sku;
            seen.version = move.stock.version;
            seen.levels = move.stock.levels;
            // Later than what was published before, whichever order the command came from: the table below is by time.
            context().forward(record.<Message>withValue(seen).withTimestamp(context().currentSystemTimeMs()));
        }
    }

    private void reserve(Move move, Reserve command) {
        Reservation outcome = Reservations.reserve(move, command, reservations.get(command.reservationId));
        if (outcome != null) {
            reservations.put(command.reservationId, outcome);
        }
    }

    private void release(Move move, Release command) {
        Reservation outcome = Reservations.release(move, command, reservations.get(command.reservationId));
        if (outcome != null) {
            reservations.put(command.reservationId, outcome);
        }
    }

    /** What one command does to its SKU's balance. */
    static final class Move {
        final String sku;
        final long atMs;
        final List<Message> answers = new ArrayList<>(2);
        /** Null until something is known of the SKU. */
        Stock stock;
        boolean changed;
        boolean levelsChanged;

        Move(Stock stock, String sku, long atMs) {
            this.stock = stock;
            this.sku = sku;
            this.atMs = atMs;
        }

        /** Adds units (signed) at a warehouse; an alert of it follows the answer given next. */
        Message move(String warehouse, int onHand, int reserved, Integer safetyStock) {
            stock = stock == null ? Balances.empty(sku) : stock;
            changed = true;
            levelsChanged = true;
            return Balances.move(stock, warehouse, onHand, reserved, safetyStock, atMs);
        }

        void answer(Message answer) {
            if (answer != null) {
                answers.add(answer);
            }
        }
    }
}
