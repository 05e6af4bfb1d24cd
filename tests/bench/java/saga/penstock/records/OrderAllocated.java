// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Every line of the order is reserved; warehouses may pick. */
public final class OrderAllocated implements Message {
    public static final long FINGERPRINT = 0x6B6956A2B99A814FL;

    public String orderId;
    public String channel;
    public String shop;
    public long orderVersion;
    public int attempt;
    public int rounds;
    public List<AllocatedPart> parts;
    public DecisionTrace trace;
    public long receivedAtMs;
    public long decidedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeLong(this.orderVersion);
        out.writeInt(this.attempt);
        out.writeInt(this.rounds);
        out.writeArrayStart();
        out.setItemCount(this.parts.size());
        for (AllocatedPart each : this.parts) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        this.trace.encode(out);
        out.writeLong(this.receivedAtMs);
        out.writeLong(this.decidedAtMs);
    }

    public static OrderAllocated decode(Decoder in) throws IOException {
        OrderAllocated read = new OrderAllocated();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderVersion = in.readLong();
        read.attempt = in.readInt();
        read.rounds = in.readInt();
        read.parts = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.parts.add(AllocatedPart.decode(in));
            }
        }
        read.trace = DecisionTrace.decode(in);
        read.receivedAtMs = in.readLong();
        read.decidedAtMs = in.readLong();
        return read;
    }
}
