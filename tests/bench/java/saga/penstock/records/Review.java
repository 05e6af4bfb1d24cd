// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A channel event that could not become an Order: every reason found, and the original bytes to correct and submit again. */
public final class Review implements Message {
    public static final long FINGERPRINT = 0x706729CE9E86FB33L;

    public String orderId;
    public String channel;
    public String shop;
    public String orderNo;
    public List<Reason> reasons;
    public byte[] event;
    public long receivedAtMs;
    public Source source;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeString(this.orderNo);
        out.writeArrayStart();
        out.setItemCount(this.reasons.size());
        for (Reason each : this.reasons) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeBytes(this.event);
        out.writeLong(this.receivedAtMs);
        this.source.encode(out);
    }

    public static Review decode(Decoder in) throws IOException {
        Review read = new Review();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderNo = in.readString();
        read.reasons = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.reasons.add(Reason.decode(in));
            }
        }
        read.event = in.readBytes((ByteBuffer) null).array();
        read.receivedAtMs = in.readLong();
        read.source = Source.decode(in);
        return read;
    }
}
