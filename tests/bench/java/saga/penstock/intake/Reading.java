package penstock.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import penstock.records.ChannelEvent;
import penstock.records.Order;
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;
import penstock.records.Receiver;
import penstock.records.Review;
import penstock.records.Source;
import penstock.view.Surroundings;

/** One message of a channel topic, read: the order in it, or its review with every reason found. */
final class Reading {
    private static final Map<String, Snapshot.Mapper> MAPPERS = Map.of(
            "taobao", Taobao::read, "jd", Jd::read, "pdd", Pdd::read, "douyin", Douyin::read, "shopify", Shopify::read);
    // 500 lines with four faults each would make a review too large for Kafka.
    private static final int MAX_REASONS = 100;

    final String orderId;
    final Order order;
    final Review review;
    final byte[] fingerprint;

    private Reading(String orderId, Order order, Review review, byte[] fingerprint) {
        this.orderId = orderId;
        this.order = order;
        this.review = review;
        this.fingerprint = fingerprint;
    }

    static Reading of(
            ChannelEvent event, byte[] value, String key, Source source, Surroundings view, Fingerprints fingerprints) {
        List<Reason> reasons = new ArrayList<>();
        String orderId = event.channel + ":" + event.orderNo;
        checkEnvelope(event, orderId, key, reasons);
        JsonNode doc = Payload.object(event.payload, reasons);
        Snapshot.Mapper mapper = MAPPERS.get(event.channel);
        if (doc != null && mapper != null) {
            Snapshot found = mapper.read(doc, reasons);
            checkOrder(found, event.orderNo, view, reasons);
            if (reasons.isEmpty()) {
                byte[] fingerprint = fingerprints.ofContent(found, orderId, event.shop);
                return new Reading(orderId, order(found, orderId, event, source, fingerprint), null, fingerprint);
            }
        }
        // A review goes by the message's own key: its partition is where a repetition of it will come.
        String reviewId = key == null || key.isEmpty() ? orderId : key;
        if (reasons.size() > MAX_REASONS) {
            String more = "and " + (reasons.size() - MAX_REASONS) + " more";
            reasons = new ArrayList<>(reasons.subList(0, MAX_REASONS));
            blame(reasons, "more_reasons", "payload", more, "correct the ones above first");
        }
        Review review = review(reviewId, event, reasons, value, source);
        return new Reading(reviewId, null, review, fingerprints.ofReview(event, reasons));
    }

    private static void checkEnvelope(ChannelEvent event, String orderId, String key, List<Reason> reasons) {
        if (!MAPPERS.containsKey(event.channel)) {
            blame(reasons, "unknown_channel", "channel", event.channel, "one of " + MAPPERS.keySet());
        }
        if (event.orderNo.isEmpty()) {
            blame(reasons, "missing_field", "order_no", "", "the envelope names the platform's order number");
        }
        if (event.shop.isEmpty()) {
            blame(reasons, "missing_field", "shop", "", "the envelope names the shop");
        }
        if (!event.kind.equals("order")) {
            blame(reasons, "unknown_kind", "kind", event.kind, "only 'order', a snapshot of the whole order, is known");
        }
        if (!isJson(event.contentType)) {
            blame(reasons, "unknown_content_type", "content_type", event.contentType, "send application/json");
        }
        if (!orderId.equals(key)) {
            blame(reasons, "key_mismatch", "message key", key == null ? "" : key, "the key is the order id");
        }
    }

    private static boolean isJson(String contentType) {
        return contentType.equals("application/json")
                || contentType.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    /** What every channel's order must keep, whoever mapped it. */
    private static void checkOrder(Snapshot order, String orderNo, Surroundings view, List<Reason> reasons) {
        if (!order.orderNo.isEmpty() && !order.orderNo.equals(orderNo)) {
            blame(reasons, "order_no_mismatch", "payload order number", order.orderNo, "the payload is another order");
        }
        if (order.status == OrderStatus.PAID) {
            checkLabel(order.receiver, reasons);
        }
        boolean cancelled = order.status == OrderStatus.CANCELLED;
        if (order.lines.isEmpty() && !cancelled && reasons.isEmpty()) {
            blame(reasons, "no_goods_lines", "lines", "", "nothing in it can be shipped: take it out of the feed");
        }
        Set<String> lineNos = order.lines.size() > 1 ? new HashSet<>() : null;
        for (OrderLine line : order.lines) {
            if (lineNos != null && !line.lineNo.isEmpty() && !lineNos.add(line.lineNo)) {
                String fix = "a line number occurs once: merge the lines";
                blame(reasons, "duplicate_line", "lines[" + line.lineNo + "]", line.lineNo, fix);
            }
            if (!cancelled && !line.sku.isEmpty() && !view.knows(line.sku)) {
                String fix = "receive stock for it, or correct the listing's seller SKU; then send the event again";
                blame(reasons, "unknown_sku", "lines[" + line.lineNo + "].sku", line.sku, fix);
            }
            if (line.returnedQuantity > line.quantity && line.quantity > 0) {
                String value = line.returnedQuantity + " of " + line.quantity;
                String field = "lines[" + line.lineNo + "].returned_quantity";
                blame(reasons, "returned_too_many", field, value, "check the refunds");
            }
        }
    }

    /** What a parcel's label needs. */
    private static void checkLabel(Receiver receiver, List<Reason> reasons) {
        String fix = "ask the buyer, or fetch the order again";
        if (receiver.name.isEmpty()) {
            blame(reasons, "missing_field", "receiver.name", "", fix);
        }
        if (receiver.phone.isEmpty()) {
            blame(reasons, "missing_field", "receiver.phone", "", fix);
        }
        if (receiver.address.isEmpty()) {
            blame(reasons, "missing_field", "receiver.address", "", fix);
        }
        if (receiver.province.isEmpty() && receiver.city.isEmpty()) {
            blame(reasons, "missing_field", "receiver.city", "", "ask the buyer: neither province nor city is known");
        }
    }

    private static Order order(Snapshot from, String orderId, ChannelEvent event, Source source, byte[] fingerprint) {
        Order order = new Order();
        order.orderId = orderId;
        order.channel = event.channel;
        order.shop = event.shop;
        order.orderNo = event.orderNo;
        order.version = from.version;
        order.fingerprint = fingerprint;
        order.status = from.status;
        order.holdReason = from.holdReason;
        order.currency = from.currency;
        order.totalMinor = from.totalMinor;
        order.placedAtMs = from.placedAtMs;
        order.paidAtMs = from.paidAtMs;
        order.shipByMs = from.shipByMs;
        order.receiver = from.receiver;
        order.lines = from.lines;
        order.attributes = from.attributes;
        order.receivedAtMs = event.receivedAtMs;
        order.source = source;
        return order;
    }

    private static Review review(String id, ChannelEvent event, List<Reason> reasons, byte[] value, Source source) {
        Review review = new Review();
        review.orderId = id;
        review.channel = event.channel;
        review.shop = event.shop;
        review.orderNo = event.orderNo;
        review.reasons = reasons;
        review.event = value;
        review.receivedAtMs = event.receivedAtMs;
        review.source = source;
        return review;
    }

    private static void blame(List<Reason> reasons, String code, String field, String value, String fix) {
        reasons.add(Fields.reason(code, field, Fields.shown(value), fix));
    }
}
