package penstock.inventory;

import java.util.ArrayList;
import java.util.List;
import penstock.records.AwaitStock;
import penstock.records.ForgetStock;
import penstock.records.StockArrived;
import penstock.records.WaitingOrder;

/** Who waits for a SKU, first come first served. Waking is a hint, never a promise. */
final class Backorders {
    private static final int WAITING_MAX = 500;

    private Backorders() {}

    /** Queues an order, or keeps its turn with the quantity asked last; wakes at once what can be served. */
    static void await(Inventory.Move move, AwaitStock command) {
        move.stock = move.stock == null ? Balances.empty(move.sku) : move.stock;
        List<WaitingOrder> queue = move.stock.waiting;
        WaitingOrder entry = null;
        for (WaitingOrder each : queue) {
            if (each.orderId.equals(command.orderId)) {
                entry = each;
            }
        }
        boolean changed = entry == null ? queue.size() < WAITING_MAX : entry.quantity != command.quantity;
        if (entry != null) {
            entry.quantity = command.quantity;
        } else if (changed) {
            WaitingOrder added = new WaitingOrder();
            added.orderId = command.orderId;
            added.quantity = command.quantity;
            queue.add(added);
        }
        requeued(move, wake(move) | changed);
    }

    /** Drops an order from the queue, if it is there, and wakes those behind it in either case. */
    static void forget(Inventory.Move move, ForgetStock command) {
        if (move.stock != null) {
            boolean dropped = move.stock.waiting.removeIf(each -> each.orderId.equals(command.orderId));
            requeued(move, wake(move) | dropped);
        }
    }

    private static void requeued(Inventory.Move move, boolean changed) {
        if (changed) {
            move.stock.version++;
            move.changed = true;
        }
    }

    /** Wakes waiting orders in their turn while what is sellable covers them all; tells whether any was woken. */
    static boolean wake(Inventory.Move move) {
        List<WaitingOrder> waiting = move.stock.waiting;
        if (waiting.isEmpty()) {
            return false;
        }
        long left = Balances.sellableTotal(move.stock.levels);
        int woken = 0;
        for (WaitingOrder order : waiting) {
            left -= order.quantity;
            // An order for ten is not overtaken for ever by orders for one.
            if (left < 0) {
                break;
            }
            woken++;
            StockArrived arrived = new StockArrived();
            arrived.orderId = order.orderId;
            arrived.sku = move.sku;
            arrived.quantity = order.quantity;
            arrived.levels = move.stock.levels;
            arrived.atMs = move.atMs;
            move.answer(arrived);
        }
        if (woken > 0) {
            move.stock.waiting = new ArrayList<>(waiting.subList(woken, waiting.size()));
        }
        return woken > 0;
    }
}
