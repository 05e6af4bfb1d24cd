// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Stock cannot cover the order now; nothing is reserved, it waits for what is missing. */
public final class OrderBackordered implements Message {
    public static final long FINGERPRINT = 0x3B949C807016F344L;

    public String orderId;
    public String channel;
    public String shop;
    public long orderVersion;
    public int attempt;
    public int rounds;
    public List<Missing> missing;
    public String reason;
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
        out.setItemCount(this.missing.size());
        for (Missing each : this.missing) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeString(this.reason);
        this.trace.encode(out);
        out.writeLong(this.receivedAtMs);
        out.writeLong(this.decidedAtMs);
    }

    public static OrderBackordered decode(Decoder in) throws IOException {
        OrderBackordered read = new OrderBackordered();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.orderVersion = in.readLong();
        read.attempt = in.readInt();
        read.rounds = in.readInt();
        read.missing = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.missing.add(Missing.decode(in));
            }
        }
        read.reason = in.readString();
        read.trace = DecisionTrace.decode(in);
        read.receivedAtMs = in.readLong();
        read.decidedAtMs = in.readLong();
        return read;
    }
}
