package penstock.intake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import penstock.records.ChannelEvent;
import penstock.records.OrderLine;
import penstock.records.Reason;

/**
 * What makes two events the same: 8 bytes of SHA-256 over their content in Avro's binary form. Penstock takes BLAKE2b,
 * which the JDK lacks; the bytes differ, the answer to "is it the same" does not. One per processor: it keeps buffers.
 */
final class Fingerprints {
    private static final int BYTES = 8;

    private final MessageDigest digest;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
    private BinaryEncoder encoder;

    Fingerprints() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Of the content: all of the order but version, arrival and place. Neither key order nor line order matters. */
    byte[] ofContent(Snapshot order, String orderId, String shop) {
        try {
            start();
            encoder.writeString(orderId);
            encoder.writeString(shop);
            encoder.writeEnum(order.status.ordinal());
            encoder.writeString(order.holdReason == null ? "" : order.holdReason);
            encoder.writeString(order.currency);
            encoder.writeLong(order.totalMinor);
            encoder.writeLong(order.placedAtMs);
            encoder.writeLong(order.paidAtMs == null ? -1 : order.paidAtMs);
            encoder.writeLong(order.shipByMs == null ? -1 : order.shipByMs);
            order.receiver.encode(encoder);
            List<OrderLine> lines = order.lines;
            if (lines.size() > 1) {
                lines = new ArrayList<>(lines);
                lines.sort(Comparator.comparing((OrderLine line) -> line.lineNo).thenComparing(line -> line.sku));
            }
            for (OrderLine line : lines) {
                line.encode(encoder);
            }
            for (Map.Entry<String, String> each : new TreeMap<>(order.attributes).entrySet()) {
                encoder.writeString(each.getKey());
                encoder.writeString(each.getValue());
            }
            return finish();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Of the payload and the reasons: an event sent again after one of its faults was mended is news. */
    byte[] ofReview(ChannelEvent event, List<Reason> reasons) {
        try {
            start();
            for (String text : List.of(event.channel, event.shop, event.orderNo, event.kind, event.contentType)) {
                encoder.writeString(text);
            }
            for (Reason reason : reasons) {
                reason.encode(encoder);
            }
            encoder.writeBytes(event.payload);
            return finish();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private void start() {
        out.reset();
        encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    }

    private byte[] finish() throws IOException {
        encoder.flush();
        return Arrays.copyOf(digest.digest(out.toByteArray()), BYTES);
    }
}
