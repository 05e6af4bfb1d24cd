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
import penstock.records.OrderLine;
import penstock.records.OrderStatus;
import penstock.records.Reason;
import penstock.records.Receiver;

/** Taobao and Tmall: the trade of taobao.trade.fullinfo.get, bare or inside its response. */
final class Taobao {
    private static final Map<String, OrderStatus> STATUS = Map.ofEntries(
            Map.entry("TRADE_NO_CREATE_PAY", UNPAID),
            Map.entry("WAIT_BUYER_PAY", UNPAID),
            Map.entry("PAY_PENDING", UNPAID),
            Map.entry("WAIT_PRE_AUTH_CONFIRM", UNPAID),
            Map.entry("PAID_FORBID_CONSIGN", HOLD),
            Map.entry("WAIT_SELLER_SEND_GOODS", PAID),
            Map.entry("SELLER_CONSIGNED_PART", PAID),
            Map.entry("WAIT_BUYER_CONFIRM_GOODS", SHIPPED),
            Map.entry("TRADE_BUYER_SIGNED", SHIPPED),
            Map.entry("TRADE_FINISHED", SHIPPED),
            Map.entry("TRADE_CLOSED", CANCELLED),
            Map.entry("TRADE_CLOSED_BY_TAOBAO", CANCELLED));
    private static final String[][] HOLD_FLAGS = {
        {"top_hold", "platform_hold"},
        {"team_buy_hold", "group_forming"},
        {"share_group_hold", "group_forming"},
        {"ofp_hold", "platform_hold"},
        {"forbid_consign", "platform_forbids_shipping"},
        {"is_sh_ship", "platform_hold"},
        {"is_oversold", "oversold_on_platform"},
        {"lm", "address_change"},
    };
    private static final Set<String> OPEN_REFUNDS =
            Set.of("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS");
    private static final Set<String> CLOSED = Set.of("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO");
    private static final Set<String> SENT = Set.of("WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED");

    private Taobao() {}

    static Snapshot read(JsonNode doc, List<Reason> reasons) {
        Fields trade = Snapshot.unwrapped(doc, reasons, "trade_fullinfo_get_response", "trade");
        OrderStatus known = trade.choice("status", STATUS);
        OrderStatus status = known == null ? UNPAID : known;
        if (status == CANCELLED && !trade.text("consign_time").isEmpty()) {
            status = SHIPPED; // closed by a refund after it was sent
        }
        Snapshot found = new Snapshot();
        Set<String> holds = new HashSet<>();
        boolean dropped = lines(trade, status, found, holds);
        if (dropped && found.lines.isEmpty()) {
            status = CANCELLED; // every line was closed or refunded before it was sent
        }
        holds(trade, holds);
        found.hold(status, holds, "platform_forbids_shipping");
        found.orderNo = trade.ident("tid");
        found.version = trade.time("modified");
        found.totalMinor = trade.money("payment");
        found.placedAtMs = trade.time("created");
        found.paidAtMs = trade.maybeTime("pay_time");
        found.shipByMs = trade.maybeTime("delivery_time");
        found.receiver = receiver(trade);
        found.notes(trade, "platform_status", "status", "trade_type", "type", "buyer_note", "buyer_message",
                "seller_note", "seller_memo", "shipping_type", "shipping_type");
        return found;
    }

    private static void holds(Fields trade, Set<String> holds) {
        for (String[] flag : HOLD_FLAGS) {
            if (trade.flag(flag[0])) {
                holds.add(flag[1]);
            }
        }
        JsonNode step = trade.value("step_trade_status");
        if (step != null && !step.asText().isEmpty() && !step.asText().equals("FRONT_PAID_FINAL_PAID")) {
            holds.add("deposit_only");
        }
        if (trade.has("rx_audit_status") && trade.text("rx_audit_status").equals("0")) {
            holds.add("prescription_audit");
        }
    }

    /** Fills in the lines that are shipped or were, and the holds they give; tells whether any is never shipped. */
    private static boolean lines(Fields trade, OrderStatus status, Snapshot into, Set<String> holds) {
        boolean dropped = false;
        List<OrderLine> lines = new ArrayList<>();
        for (Fields line : trade.children("orders", "order")) {
            String refund = line.text("refund_status");
            String own = line.text("status");
            boolean sent = SENT.contains(own) || !line.text("consign_time").isEmpty()
                    || (status == SHIPPED && own.isEmpty());
            if (status != CANCELLED && !sent) {
                if (CLOSED.contains(own) || refund.equals("SUCCESS")) {
                    dropped = true;
                    continue;
                }
                if (OPEN_REFUNDS.contains(refund)) {
                    holds.add("refund_open");
                }
                if (line.text("modify_address").equals("1")) {
                    holds.add("address_change");
                }
                if (line.flag("is_oversold")) {
                    holds.add("oversold_on_platform");
                }
            }
            int quantity = line.quantity("num");
            lines.add(Snapshot.line(line.ident("oid"), line.sku("outer_sku_id", "outer_iid"), line.text("title"),
                    quantity, line.money("price"), sent && refund.equals("SUCCESS") ? quantity : 0));
        }
        into.lines = lines;
        return dropped;
    }

    private static Receiver receiver(Fields trade) {
        String district = trade.text("receiver_district");
        String city = trade.text("receiver_city");
        // County-level cities leave the city empty: the district is the city then.
        Receiver receiver = Snapshot.receiver(trade.text("receiver_name"),
                trade.text("receiver_mobile", "receiver_phone"), "CN", trade.text("receiver_state"),
                city.isEmpty() ? district : city, district, trade.text("receiver_address"));
        receiver.postalCode = trade.text("receiver_zip");
        String oaid = trade.text("oaid");
        receiver.oaid = oaid.isEmpty() ? null : oaid;
        return receiver;
    }
}
