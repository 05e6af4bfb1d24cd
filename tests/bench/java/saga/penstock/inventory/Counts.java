package penstock.inventory;

import org.apache.kafka.streams.state.KeyValueStore;
import penstock.records.Applied;
import penstock.records.Message;
import penstock.records.Receive;
import penstock.records.SetSafetyStock;
import penstock.records.StockAnswer;
import penstock.records.StockCommandAnswered;

/** Commands that count stock: receive, set a safety stock. Each is applied once, by its id. */
final class Counts {
    private static final String REFUSED = "REFUSED: ";

    private Counts() {}

    static void receive(Inventory.Move move, Receive command, KeyValueStore<String, Applied> applied) {
        if (answeredBefore(move, command.commandId, command.warehouse, applied)) {
            return;
        }
        if (command.quantity <= 0) {
            refuse(move, command.commandId, command.warehouse, "a quantity of " + command.quantity, applied);
            return;
        }
        Message alert = move.move(command.warehouse, command.quantity, 0, null);
        apply(move, command.commandId, command.warehouse, alert, applied);
    }

    static void setSafetyStock(Inventory.Move move, SetSafetyStock command, KeyValueStore<String, Applied> applied) {
        if (answeredBefore(move, command.commandId, command.warehouse, applied)) {
            return;
        }
        if (command.quantity < 0) {
            String reason = "a safety stock of " + command.quantity + " units";
            refuse(move, command.commandId, command.warehouse, reason, applied);
            return;
        }
        Message alert = move.move(command.warehouse, 0, 0, command.quantity);
        apply(move, command.commandId, command.warehouse, alert, applied);
    }

    private static void apply(
            Inventory.Move move, String id, String warehouse, Message alert, KeyValueStore<String, Applied> applied) {
        remember(move, id, "APPLIED", applied);
        answer(move, id, warehouse, StockAnswer.APPLIED, "");
        Backorders.wake(move);
        move.answer(alert);
    }

    private static void refuse(
            Inventory.Move move, String id, String warehouse, String reason, KeyValueStore<String, Applied> applied) {
        remember(move, id, REFUSED + reason, applied);
        answer(move, id, warehouse, StockAnswer.REFUSED, reason);
    }

    /** The stored outcome is the answer: refused stays refused, whatever has arrived since. */
    private static boolean answeredBefore(
            Inventory.Move move, String id, String warehouse, KeyValueStore<String, Applied> applied) {
        Applied prior = applied.get(id);
        if (prior == null) {
            return false;
        }
        boolean refused = prior.answer.startsWith(REFUSED);
        answer(move, id, warehouse, refused ? StockAnswer.REFUSED : StockAnswer.ALREADY_APPLIED,
                refused ? prior.answer.substring(REFUSED.length()) : "");
        return true;
    }

    private static void remember(Inventory.Move move, String id, String said, KeyValueStore<String, Applied> applied) {
        Applied mark = new Applied();
        mark.commandId = id;
        mark.answer = said;
        mark.atMs = move.atMs;
        applied.put(id, mark);
    }

    private static void answer(Inventory.Move move, String id, String warehouse, StockAnswer said, String reason) {
        StockCommandAnswered answer = new StockCommandAnswered();
        answer.commandId = id;
        answer.orderId = "";
        answer.sku = move.sku;
        answer.warehouse = warehouse;
        answer.answer = said;
        answer.reason = reason;
        answer.atMs = move.atMs;
        move.answer(answer);
    }
}
