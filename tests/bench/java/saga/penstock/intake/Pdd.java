package penstock.intake;

import static penstock.records.OrderStatus.CANCELLED;
import static penstock.records.OrderStatus.HOLD;
import static penstock.records.OrderStatus.PAID;
import static penstock.records.OrderStatus.SHIPPED;
import static penstock.records.OrderStatus.UNPAID;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;

/** Pinduoduo: the order_info of pdd.order.information.get, bare or inside its response. */
final class Pdd {
    private static final Map<Integer, Integer> STAGE = Map.of(1, 1, 2, 2, 3, 3);
    private static final long REFUNDED = 4;

    private Pdd() {}

    static Snapshot read(JsonNode doc, List<Reason> reasons) {
        Fields order = Snapshot.unwrapped(doc, reasons, "order_info_get_response", "order_info");
        Integer known = order.choice("order_status", STAGE);
        boolean sent = known != null && known != 1;
        long refund = order.integer("refund_status", 0, 100, 1L);
        Snapshot found = new Snapshot();
        OrderStatus status = status(order, sent, refund);
        found.hold(status, holds(order, refund), "group_forming");
        boolean returned = sent && refund == REFUNDED;
        found.orderNo = order.ident("order_sn");
        found.version = order.time("updated_at");
        found.totalMinor = order.money("pay_amount");
        found.placedAtMs = order.time("created_time");
        found.paidAtMs = order.maybeTime("pay_time");
        found.shipByMs = order.maybeTime("last_ship_time");
        found.receiver = Snapshot.receiver(order.text("receiver_name", "receiver_name_mask"),
                order.text("receiver_phone", "receiver_phone_mask"), "CN", order.text("province"), order.text("city"),
                order.text("town"), order.text("receiver_address", "receiver_address_mask"));
        found.lines = new ArrayList<>();
        for (Fields line : order.children("item_list")) {
            found.lines.add(line(line, "", returned));
        }
        for (Fields line : order.children("gift_list")) {
            found.lines.add(line(line, "gift:", returned));
        }
        found.notes(order, "platform_status", "order_status", "refund_status", "refund_status", "buyer_note",
                "buyer_memo", "seller_note", "remark", "presale_at", "pre_sale_time");
        return found;
    }

    private static OrderStatus status(Fields order, boolean sent, long refund) {
        long confirm = order.integer("confirm_status", 0, 100, null);
        long group = order.integer("group_status", 0, 100, 1L);
        if (sent) {
            return SHIPPED;
        }
        if (confirm == 2 || group == 2 || refund == REFUNDED) {
            return CANCELLED;
        }
        if (confirm == 1 && group == 1) {
            return PAID;
        }
        return order.text("pay_time").isEmpty() ? UNPAID : HOLD;
    }

    private static List<String> holds(Fields order, long refund) {
        List<String> found = new ArrayList<>();
        if (order.integer("risk_control_status", 0, 100, 0L) != 0) {
            found.add("risk_review");
        }
        if (refund == 2 || refund == 3) {
            found.add("refund_open");
        }
        if (order.flag("trade_type") && !order.child("step_order_info").text("step_trade_status").equals("2")) {
            found.add("deposit_only");
        }
        if (order.text("is_lucky_flag").equals("2")) {
            found.add("lottery");
        }
        return found;
    }

    private static OrderLine line(Fields line, String prefix, boolean returned) {
        int quantity = line.quantity("goods_count");
        String name = line.text("goods_name");
        String spec = line.text("goods_spec");
        String title = name.isEmpty() || spec.isEmpty() ? name + spec : name + " " + spec;
        return Snapshot.line(prefix + line.ident("sku_id"), line.sku("outer_id", "outer_goods_id"), title, quantity,
                line.money("goods_price", 2, 0L), returned ? quantity : 0);
    }
}
