package penstock.intake;

import static penstock.records.OrderStatus.CANCELLED;
import static penstock.records.OrderStatus.PAID;
import static penstock.records.OrderStatus.SHIPPED;
import static penstock.records.OrderStatus.UNPAID;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;

/** Shopify: the order of an orders/create, orders/paid or orders/updated webhook. */
final class Shopify {
    private static final Map<String, OrderStatus> STATUS = Map.of(
            "pending", UNPAID, "authorized", UNPAID, "partially_paid", UNPAID, "expired", UNPAID,
            "paid", PAID, "partially_refunded", PAID, "refunded", CANCELLED, "voided", CANCELLED);
    private static final Map<String, Boolean> FULFILLED = Map.of(
            "", false, "unfulfilled", false, "partial", false, "restocked", false, "fulfilled", true);
    // ISO 4217 currencies whose minor unit is not a hundredth.
    private static final Map<String, Integer> DIGITS = Map.of("JPY", 0, "KRW", 0, "VND", 0, "CLP", 0, "ISK", 0,
            "KWD", 3, "BHD", 3, "JOD", 3, "OMR", 3, "TND", 3);

    private Shopify() {}

    static Snapshot read(JsonNode doc, List<Reason> reasons) {
        Fields order = Snapshot.unwrapped(doc, reasons, "order");
        boolean fulfilled = doc.hasNonNull("fulfillment_status")
                && Boolean.TRUE.equals(order.choice("fulfillment_status", FULFILLED));
        OrderStatus known = order.choice("financial_status", STATUS);
        OrderStatus status = known == null ? UNPAID : known;
        if (fulfilled) {
            status = SHIPPED;
        } else if (order.value("cancelled_at") != null) {
            status = CANCELLED;
        }
        Snapshot found = new Snapshot();
        found.hold(status, order.flag("test") ? List.of("test_order") : List.of(), "");
        found.currency = currency(order);
        int digits = DIGITS.getOrDefault(found.currency, 2);
        found.orderNo = order.ident("id");
        found.version = order.time("updated_at");
        found.totalMinor = order.money("total_price", digits, null);
        found.placedAtMs = order.time("created_at");
        boolean paid = found.status != UNPAID && found.status != CANCELLED;
        found.paidAtMs = paid ? order.maybeTime("processed_at") : null;
        Fields place = order.child("shipping_address");
        String first = place.text("address1");
        String second = place.text("address2");
        found.receiver = Snapshot.receiver(place.text("name"), place.text("phone"), place.text("country_code"),
                place.text("province"), place.text("city"), "",
                first.isEmpty() || second.isEmpty() ? first + second : first + " " + second);
        found.receiver.postalCode = place.text("zip");
        found.lines = lines(order, found.status, fulfilled, digits);
        found.notes(order, "platform_status", "financial_status", "fulfillment_status", "fulfillment_status",
                "order_name", "name", "buyer_note", "note", "tags", "tags");
        return found;
    }

    private static String currency(Fields order) {
        String currency = order.need("currency");
        if (!currency.isEmpty() && !isCode(currency)) {
            order.wrong("invalid_money", "currency", currency, "expected an ISO 4217 code like CNY");
        }
        return currency;
    }

    private static boolean isCode(String currency) {
        return currency.length() == 3 && currency.chars().allMatch(letter -> letter >= 'A' && letter <= 'Z');
    }

    private static List<OrderLine> lines(Fields order, OrderStatus status, boolean fulfilled, int digits) {
        Map<String, Integer> returned = new HashMap<>();
        Map<String, Integer> cancelled = new HashMap<>();
        refunds(order, fulfilled, returned, cancelled);
        List<OrderLine> lines = new ArrayList<>();
        for (Fields line : order.children("line_items")) {
            JsonNode shipping = line.value("requires_shipping");
            if (shipping != null && shipping.isBoolean() && !shipping.booleanValue()) {
                continue;
            }
            String lineNo = line.ident("id");
            int quantity = line.quantity("quantity");
            long open = line.has("fulfillable_quantity")
                    ? line.integer("fulfillable_quantity", 0, Fields.MAX_QUANTITY, 0L) : 0;
            if (open > quantity) {
                line.wrong("out_of_range", "fulfillable_quantity", open, "more than the quantity (" + quantity + ")");
            }
            int gone = status == CANCELLED ? 0 : cancelled.getOrDefault(lineNo, 0);
            if (gone > 0 && quantity == gone) {
                continue;
            }
            if (gone > quantity) {
                line.wrong("out_of_range", "quantity", quantity, "refunds cancel " + gone + " pieces of this line");
            }
            lines.add(Snapshot.line(lineNo, line.sku("sku"), line.text("title"), quantity - gone,
                    line.money("price", digits, null), returned.getOrDefault(lineNo, 0)));
        }
        return lines;
    }

    /** Pieces that came back and pieces that were cancelled before leaving, by line number. */
    private static void refunds(
            Fields order, boolean fulfilled, Map<String, Integer> returned, Map<String, Integer> cancelled) {
        for (Fields refund : order.children("refunds")) {
            for (Fields item : refund.children("refund_line_items")) {
                String told = item.text("restock_type");
                String kind = told.isEmpty() ? "return" : told;
                if (kind.equals("no_restock") && fulfilled) {
                    continue;
                }
                boolean cameBack = (kind.equals("return") || kind.equals("legacy_restock"))
                        && (fulfilled || item.has("restock_type"));
                int pieces = (int) item.integer("quantity", 0, Fields.MAX_QUANTITY, null);
                (cameBack ? returned : cancelled).merge(item.ident("line_item_id"), pieces, Integer::sum);
            }
        }
    }
}
