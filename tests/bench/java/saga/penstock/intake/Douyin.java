package penstock.intake;

import static penstock.records.OrderStatus.CANCELLED;
import static penstock.records.OrderStatus.HOLD;
import static penstock.records.OrderStatus.PAID;
import static penstock.records.OrderStatus.SHIPPED;
import static penstock.records.OrderStatus.UNPAID;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;

/** Douyin (Doudian): the shop_order_detail of /order/orderDetail, bare or inside `data`. */
final class Douyin {
    private static final Map<Integer, OrderStatus> STATUS =
            Map.of(1, UNPAID, 105, HOLD, 2, PAID, 101, PAID, 3, SHIPPED, 4, CANCELLED, 5, SHIPPED);
    // main_status says more than order_status where it is one of these.
    private static final Map<Integer, OrderStatus> MAIN_STATUS =
            Map.of(103, UNPAID, 21, CANCELLED, 22, SHIPPED, 39, SHIPPED);
    private static final Map<Integer, Integer> LINE_STATUS = Stream.of(STATUS, MAIN_STATUS)
            .flatMap(each -> each.keySet().stream())
            .collect(Collectors.toMap(Function.identity(), Function.identity()));
    private static final Set<Integer> LINE_SENT = Set.of(3, 5, 22, 39);
    private static final Set<Integer> LINE_CANCELLED = Set.of(4, 21);
    private static final Set<Long> AFTER_SALE_OPEN = Set.of(6L, 7L, 11L);
    private static final long AFTER_SALE_DONE = 12;
    private static final long AFTER_SALE_RETURN = 0;

    private Douyin() {}

    static Snapshot read(JsonNode doc, List<Reason> reasons) {
        Fields order = Snapshot.unwrapped(doc, reasons, "data", "shop_order_detail");
        OrderStatus known = order.choice("order_status", STATUS);
        OrderStatus status = known == null ? HOLD : known;
        status = MAIN_STATUS.getOrDefault((int) order.integer("main_status", 0, 10_000, 0L), status);
        Snapshot found = new Snapshot();
        Set<String> holds = new HashSet<>();
        boolean dropped = lines(order, status, found, holds);
        if (dropped && found.lines.isEmpty()) {
            status = CANCELLED; // every line was cancelled or refunded before it was sent
        }
        holds(order, holds);
        found.hold(status, holds, "risk_review");
        found.orderNo = order.ident("order_id");
        found.version = order.time("update_time");
        found.totalMinor = order.minor("pay_amount", null);
        found.placedAtMs = order.time("create_time");
        found.paidAtMs = order.maybeTime("pay_time");
        found.shipByMs = order.maybeTime("exp_ship_time");
        Fields place = order.child("post_addr");
        // Only the detail is ciphertext: joined with the street it could not be decrypted any more.
        found.receiver = Snapshot.receiver(
                order.text("encrypt_post_receiver", "mask_post_receiver", "post_receiver"),
                order.text("encrypt_post_tel", "mask_post_tel", "post_tel"), "CN",
                place.child("province").text("name"), place.child("city").text("name"),
                place.child("town").text("name"), place.text("encrypt_detail", "detail"));
        found.notes(order, "platform_status", "order_status", "order_type", "order_type", "buyer_note", "buyer_words",
                "seller_note", "seller_words");
        return found;
    }

    private static void holds(Fields order, Set<String> holds) {
        if (order.text("order_status").equals("105") || order.text("abnormal_order").equals("2")) {
            holds.add("risk_review");
        }
        for (Fields tag : order.children("address_tag_ui")) {
            if (tag.text("key").equals("double_address")) {
                holds.add("two_addresses");
            }
        }
    }

    /** Fills in the lines that are shipped or were, and the holds they give; tells whether any is never shipped. */
    private static boolean lines(Fields order, OrderStatus status, Snapshot into, Set<String> holds) {
        boolean dropped = false;
        List<OrderLine> lines = new ArrayList<>();
        for (Fields line : order.children("sku_order_list")) {
            Integer known = line.has("order_status") ? line.choice("order_status", LINE_STATUS) : null;
            int code = known == null ? 0 : known;
            boolean sent = LINE_SENT.contains(code) || (status == SHIPPED && code == 0);
            Fields sale = line.child("after_sale_info");
            long saleStatus = sale.integer("after_sale_status", 0, 10_000, 0L);
            if (status != CANCELLED && !sent) {
                if (LINE_CANCELLED.contains(code) || saleStatus == AFTER_SALE_DONE) {
                    dropped = true;
                    continue;
                }
                if (AFTER_SALE_OPEN.contains(saleStatus)) {
                    holds.add("refund_open");
                }
            }
            int quantity = line.quantity("item_num");
            boolean cameBack = sent && saleStatus == AFTER_SALE_DONE
                    && sale.integer("after_sale_type", 0, 100, -1L) == AFTER_SALE_RETURN;
            lines.add(Snapshot.line(line.ident("order_id"), line.sku("code", "out_sku_id"), line.text("product_name"),
                    quantity, line.minor("origin_amount", 0L), cameBack ? quantity : 0));
        }
        into.lines = lines;
        return dropped;
    }
}
