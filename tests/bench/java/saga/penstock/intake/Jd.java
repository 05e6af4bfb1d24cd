package penstock.intake;

import static penstock.records.OrderStatus.CANCELLED;
import static penstock.records.OrderStatus.HOLD;
import static penstock.records.OrderStatus.PAID;
import static penstock.records.OrderStatus.SHIPPED;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import penstock.records.OrderStatus;
import penstock.records.Reason;

/** JD POP: the orderInfo of jingdong.pop.order.get / enGet, bare or inside its response. */
final class Jd {
    private static final Map<String, OrderStatus> STATUS = Map.of(
            "WAIT_SELLER_STOCK_OUT", PAID,
            "WAIT_SELLER_DELIVERY", PAID,
            "WAIT_GOODS_RECEIVE_CONFIRM", SHIPPED,
            "FINISHED_L", SHIPPED,
            "TRADE_CANCELED", CANCELLED,
            "LOCKED", HOLD,
            "PAUSE", HOLD,
            "POP_ORDER_PAUSE", HOLD,
            "WAIT_SEND_CODE", HOLD);
    private static final Map<String, String> HOLDS = Map.of(
            "LOCKED", "locked", "PAUSE", "paused", "POP_ORDER_PAUSE", "business_pause", "WAIT_SEND_CODE", "local_service");

    private Jd() {}

    static Snapshot read(JsonNode doc, List<Reason> reasons) {
        Fields order = unwrapped(doc, reasons);
        OrderStatus known = order.choice("orderState", STATUS);
        OrderStatus status = known == null ? HOLD : known;
        // Cancelled with a waybill: refused at the door or turned back.
        boolean turnedBack = status == CANCELLED && !order.text("waybill").isEmpty();
        List<String> holds = order.text("storeOrder").isEmpty() ? List.of() : List.of("sent_by_jd_warehouse");
        Snapshot found = new Snapshot();
        found.hold(turnedBack ? SHIPPED : status, holds, HOLDS.getOrDefault(order.text("orderState"), "locked"));
        found.orderNo = order.ident("orderId");
        found.version = order.time("modified");
        found.totalMinor = order.money("orderPayment");
        found.placedAtMs = order.time("orderStartTime");
        found.paidAtMs = order.maybeTime("paymentConfirmTime");
        Fields consignee = order.child("consigneeInfo");
        found.receiver = Snapshot.receiver(consignee.text("fullname"), consignee.text("mobile", "telephone"), "CN",
                consignee.text("province"), consignee.text("city"), consignee.text("county"),
                consignee.text("fullAddress"));
        found.lines = new ArrayList<>();
        for (Fields line : order.children("itemInfoList")) {
            int quantity = line.quantity("itemTotal");
            found.lines.add(Snapshot.line(line.ident("skuId"), line.sku("outerSkuId"), line.text("skuName"), quantity,
                    line.money("jdPrice"), turnedBack ? quantity : 0));
        }
        found.notes(order, "platform_status", "orderState", "order_type", "orderType", "pay_type", "payType",
                "buyer_note", "orderRemark", "seller_note", "venderRemark", "parent_order_no", "parentOrderId",
                "store_order", "storeOrder");
        return found;
    }

    private static Fields unwrapped(JsonNode doc, List<Reason> reasons) {
        // The response's name, which JD spells with a c.
        for (String name : List.of("jingdong_pop_order_get_responce", "jingdong_pop_order_enGet_responce")) {
            if (doc.has(name)) {
                return Snapshot.unwrapped(doc, reasons, name, "orderDetailInfo", "orderInfo");
            }
        }
        return Snapshot.unwrapped(doc, reasons, "orderDetailInfo", "orderInfo");
    }
}
