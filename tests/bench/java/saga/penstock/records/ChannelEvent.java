// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** An order as a sales channel shows it, raw: what connectors publish and the intake maps to an Order. */
public final class ChannelEvent implements Message {
    public static final long FINGERPRINT = 0x90CB9EED181CB1A0L;

    public String channel;
    public String shop;
    public String orderNo;
    public String kind;
    public String eventId;
    public long occurredAtMs;
    public long receivedAtMs;
    public String contentType;
    public byte[] payload;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeString(this.orderNo);
        out.writeString(this.kind);
        out.writeString(this.eventId);
        out.writeLong(this.occurredAtMs);
        out.writeLong(this.receivedAtMs);
        out.writeString(this.contentType);
        out.writeBytes(this.payload);
    }

    public static ChannelEvent decode(Decoder in) throws IOException {
        ChannelEvent read = new ChannelEvent();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderNo = in.readString();
        read.kind = in.readString();
        read.eventId = in.readString();
        read.occurredAtMs = in.readLong();
        read.receivedAtMs = in.readLong();
        read.contentType = in.readString();
        read.payload = in.readBytes((ByteBuffer) null).array();
        return read;
    }
}
