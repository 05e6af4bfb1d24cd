// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The saga of one order (table `order_state`, key order id). */
public final class OrderState implements Message {
    public static final long FINGERPRINT = 0xD192960187AE56A0L;

    public String orderId;
    public String channel;
    public String shop;
    public long orderVersion;
    public Phase phase;
    public boolean holdReleased;
    public String province;
    public String country;
    public List<StateLine> lines;
    public int attempt;
    public int round;
    public List<Part> parts;
    public DecisionTrace trace;
    public long receivedAtMs;
    public List<String> shipments;
    public List<String> shippedWarehouses;
    public List<String> waiting;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeLong(this.orderVersion);
        out.writeEnum(this.phase.ordinal());
        out.writeBoolean(this.holdReleased);
        out.writeString(this.province);
        out.writeString(this.country);
        out.writeArrayStart();
        out.setItemCount(this.lines.size());
        for (StateLine each : this.lines) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeInt(this.attempt);
        out.writeInt(this.round);
        out.writeArrayStart();
        out.setItemCount(this.parts.size());
        for (Part each : this.parts) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        if (this.trace == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            this.trace.encode(out);
        }
        out.writeLong(this.receivedAtMs);
        out.writeArrayStart();
        out.setItemCount(this.shipments.size());
        for (String each : this.shipments) {
            out.startItem();
            out.writeString(each);
        }
        out.writeArrayEnd();
        out.writeArrayStart();
        out.setItemCount(this.shippedWarehouses.size());
        for (String each : this.shippedWarehouses) {
            out.startItem();
            out.writeString(each);
        }
        out.writeArrayEnd();
        out.writeArrayStart();
        out.setItemCount(this.waiting.size());
        for (String each : this.waiting) {
            out.startItem();
            out.writeString(each);
        }
        out.writeArrayEnd();
    }

    public static OrderState decode(Decoder in) throws IOException {
        OrderState read = new OrderState();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderVersion = in.readLong();
        read.phase = Phase.ALL[in.readEnum()];
        read.holdReleased = in.readBoolean();
        read.province = in.readString();
        read.country = in.readString();
        read.lines = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.lines.add(StateLine.decode(in));
            }
        }
        read.attempt = in.readInt();
        read.round = in.readInt();
        read.parts = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.parts.add(Part.decode(in));
            }
        }
        if (in.readIndex() == 1) {
            read.trace = DecisionTrace.decode(in);
        }
        read.receivedAtMs = in.readLong();
        read.shipments = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.shipments.add(in.readString());
            }
        }
        read.shippedWarehouses = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.shippedWarehouses.add(in.readString());
            }
        }
        read.waiting = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.waiting.add(in.readString());
            }
        }
        return read;
    }
}
