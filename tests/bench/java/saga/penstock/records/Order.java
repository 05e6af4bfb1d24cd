// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** An order in canonical form: accepted, or an update to one accepted before. */
public final class Order implements Message {
    public static final long FINGERPRINT = 0xBB228CB1AEF14F35L;

    public String orderId;
    public String channel;
    public String shop;
    public String orderNo;
    public long version;
    public byte[] fingerprint;
    public OrderStatus status;
    public String holdReason;
    public String currency;
    public long totalMinor;
    public long placedAtMs;
    public Long paidAtMs;
    public Long shipByMs;
    public Receiver receiver;
    public List<OrderLine> lines;
    public Map<String, String> attributes;
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
        out.writeLong(this.version);
        out.writeBytes(this.fingerprint);
        out.writeEnum(this.status.ordinal());
        if (this.holdReason == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeString(this.holdReason);
        }
        out.writeString(this.currency);
        out.writeLong(this.totalMinor);
        out.writeLong(this.placedAtMs);
        if (this.paidAtMs == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeLong(this.paidAtMs);
        }
        if (this.shipByMs == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeLong(this.shipByMs);
        }
        this.receiver.encode(out);
        out.writeArrayStart();
        out.setItemCount(this.lines.size());
        for (OrderLine each : this.lines) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeMapStart();
        out.setItemCount(this.attributes.size());
        for (Map.Entry<String, String> each : this.attributes.entrySet()) {
            out.startItem();
            out.writeString(each.getKey());
            out.writeString(each.getValue());
        }
        out.writeMapEnd();
        out.writeLong(this.receivedAtMs);
        this.source.encode(out);
    }

    public static Order decode(Decoder in) throws IOException {
        Order read = new Order();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderNo = in.readString();
        read.version = in.readLong();
        read.fingerprint = in.readBytes((ByteBuffer) null).array();
        read.status = OrderStatus.ALL[in.readEnum()];
        if (in.readIndex() == 1) {
            read.holdReason = in.readString();
        }
        read.currency = in.readString();
        read.totalMinor = in.readLong();
        read.placedAtMs = in.readLong();
        if (in.readIndex() == 1) {
            read.paidAtMs = in.readLong();
        }
        if (in.readIndex() == 1) {
            read.shipByMs = in.readLong();
        }
        read.receiver = Receiver.decode(in);
        read.lines = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.lines.add(OrderLine.decode(in));
            }
        }
        read.attributes = new LinkedHashMap<>();
        for (long left = in.readMapStart(); left > 0; left = in.mapNext()) {
            for (long index = 0; index < left; index++) {
                read.attributes.put(in.readString(), in.readString());
            }
        }
        read.receivedAtMs = in.readLong();
        read.source = Source.decode(in);
        return read;
    }
}
