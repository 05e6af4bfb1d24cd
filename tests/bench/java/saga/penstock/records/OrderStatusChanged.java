// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The order entered another phase of its saga. */
public final class OrderStatusChanged implements Message {
    public static final long FINGERPRINT = 0xF971A5A2657D92E4L;

    public String orderId;
    public String channel;
    public String shop;
    public Phase status;
    public String reason;
    public long orderVersion;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeEnum(this.status.ordinal());
        out.writeString(this.reason);
        out.writeLong(this.orderVersion);
        out.writeLong(this.atMs);
    }

    public static OrderStatusChanged decode(Decoder in) throws IOException {
        OrderStatusChanged read = new OrderStatusChanged();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.status = Phase.ALL[in.readEnum()];
        read.reason = in.readString();
        read.orderVersion = in.readLong();
        read.atMs = in.readLong();
        return read;
    }
}
