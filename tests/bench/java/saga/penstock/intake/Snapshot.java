package penstock.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;
import penstock.records.Receiver;

/** What every mapper hands over: an order as its platform shows it, in canonical terms; of use when no reason was found. */
final class Snapshot {
    /** A channel's mapper: every problem is appended to the reasons. */
    interface Mapper {
        Snapshot read(JsonNode doc, List<Reason> reasons);
    }

    String orderNo;
    long version;
    OrderStatus status;
    String holdReason;
    String currency = "CNY";
    long totalMinor;
    long placedAtMs;
    Long paidAtMs;
    Long shipByMs;
    Receiver receiver;
    List<OrderLine> lines;
    Map<String, String> attributes = new LinkedHashMap<>();

    /** The order itself, whether the payload is the bare object or still in the platform's response. */
    static Fields unwrapped(JsonNode doc, List<Reason> reasons, String... wrapper) {
        for (int depth = 0; depth < wrapper.length; depth++) {
            if (doc.has(wrapper[depth])) {
                JsonNode inner = doc;
                StringBuilder path = new StringBuilder();
                for (int step = depth; step < wrapper.length && inner != null; step++) {
                    inner = inner.get(wrapper[step]);
                    path.append(wrapper[step]).append('.');
                }
                if (inner != null && inner.isObject()) {
                    return new Fields(inner, path.toString(), reasons);
                }
            }
        }
        return new Fields(doc, "", reasons);
    }

    /** A paid order with holds is held; holds mean nothing in other statuses. `own`: the reason of a HOLD without any. */
    void hold(OrderStatus found, Collection<String> holds, String own) {
        boolean held = found == OrderStatus.HOLD || (!holds.isEmpty() && found == OrderStatus.PAID);
        status = held ? OrderStatus.HOLD : found;
        holdReason = held ? (holds.isEmpty() ? own : String.join(",", new TreeSet<>(holds))) : null;
    }

    /** Attributes: canonical name, then the field it is from; those that have something in them. */
    void notes(Fields order, String... pairs) {
        for (int index = 0; index < pairs.length; index += 2) {
            JsonNode value = order.value(pairs[index + 1]);
            if (value != null && (value.isIntegralNumber() || (value.isTextual() && !value.textValue().isEmpty()))) {
                attributes.put(pairs[index], value.asText());
            }
        }
    }

    static OrderLine line(String lineNo, String sku, String title, int quantity, long priceMinor, int returned) {
        OrderLine line = new OrderLine();
        line.lineNo = lineNo;
        line.sku = sku;
        line.title = title;
        line.quantity = quantity;
        line.unitPriceMinor = priceMinor;
        line.returnedQuantity = returned;
        return line;
    }

    static Receiver receiver(
            String name, String phone, String country, String province, String city, String district, String address) {
        Receiver receiver = new Receiver();
        receiver.name = name;
        receiver.phone = phone;
        receiver.country = country;
        receiver.province = province;
        receiver.city = city;
        receiver.district = district;
        receiver.address = address;
        receiver.postalCode = "";
        return receiver;
    }
}
