package penstock.inventory;

import java.util.ArrayList;
import java.util.List;
import penstock.records.AlertKind;
import penstock.records.Stock;
import penstock.records.StockAlert;
import penstock.records.StockLevel;

/**
 * The balance of one SKU: what each warehouse holds, who has reserved it, when its sale closes.
 *
 * <p>sellable = max(0, onHand - reserved - safetyStock) while the sale is open; 0 <= reserved <= onHand always.
 */
public final class Balances {
    private Balances() {}

    static Stock empty(String sku) {
        Stock stock = new Stock();
        stock.sku = sku;
        stock.levels = new ArrayList<>();
        stock.waiting = new ArrayList<>();
        return stock;
    }

    /** Units a new reservation may take at this warehouse. */
    public static int sellable(StockLevel level) {
        return Math.max(0, level.onHand - level.reserved - level.safetyStock);
    }

    /** Units a new reservation may take over all warehouses. */
    public static long sellableTotal(List<StockLevel> levels) {
        long units = 0;
        for (StockLevel level : levels) {
            units += sellable(level);
        }
        return units;
    }

    /** The level at a warehouse; null where the SKU has never been. */
    static StockLevel at(Stock stock, String warehouse) {
        if (stock != null) {
            for (StockLevel level : stock.levels) {
                if (level.warehouse.equals(warehouse)) {
                    return level;
                }
            }
        }
        return null;
    }

    static int sellableAt(Stock stock, String warehouse) {
        StockLevel level = at(stock, warehouse);
        return level == null ? 0 : sellable(level);
    }

    /**
     * Adds units (signed) at one warehouse and sets its safety stock (null: as it was), in place; a level is added where
     * there was none. Returns the alert of that movement, null when it crossed nothing.
     */
    static StockAlert move(Stock stock, String warehouse, int onHand, int reserved, Integer safetyStock, long atMs) {
        StockLevel level = at(stock, warehouse);
        if (level == null) {
            level = added(stock, warehouse);
        }
        level.onHand = Math.addExact(level.onHand, onHand);
        level.reserved = Math.addExact(level.reserved, reserved);
        level.safetyStock = safetyStock == null ? level.safetyStock : safetyStock;
        if (level.reserved < 0 || level.reserved > level.onHand || level.safetyStock < 0) {
            throw new IllegalStateException(stock.sku + " at " + warehouse + ": on hand " + level.onHand
                    + ", reserved " + level.reserved + ": 0 <= reserved <= on hand must hold");
        }
        stock.version++;
        boolean open = level.onHand - level.reserved > level.safetyStock;
        if (open == level.open) {
            return null;
        }
        level.open = open;
        StockAlert alert = new StockAlert();
        alert.sku = stock.sku;
        alert.warehouse = warehouse;
        alert.kind = open ? AlertKind.SALE_REOPENED : AlertKind.SALE_CLOSED;
        alert.sellable = sellable(level);
        alert.safetyStock = level.safetyStock;
        alert.atMs = atMs;
        return alert;
    }

    /** A new level, in its place: levels are sorted by warehouse. */
    private static StockLevel added(Stock stock, String warehouse) {
        StockLevel level = new StockLevel();
        level.warehouse = warehouse;
        level.open = true;
        int index = 0;
        while (index < stock.levels.size() && stock.levels.get(index).warehouse.compareTo(warehouse) < 0) {
            index++;
        }
        stock.levels.add(index, level);
        return level;
    }
}
