// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** What was reserved, or asked for, is given back: the order was cancelled or changed, or a reservation expired. */
public final class AllocationReleased implements Message {
    public static final long FINGERPRINT = 0xDE985631A9FAA2C4L;

    public String orderId;
    public String channel;
    public String shop;
    public int attempt;
    public String reason;
    public List<String> reservationIds;
    public long decidedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeString(this.shop);
        out.writeInt(this.attempt);
        out.writeString(this.reason);
        out.writeArrayStart();
        out.setItemCount(this.reservationIds.size());
        for (String each : this.reservationIds) {
            out.startItem();
            out.writeString(each);
        }
        out.writeArrayEnd();
        out.writeLong(this.decidedAtMs);
    }

    public static AllocationReleased decode(Decoder in) throws IOException {
        AllocationReleased read = new AllocationReleased();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.shop = in.readString();
        read.attempt = in.readInt();
        read.reason = in.readString();
        read.reservationIds = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.reservationIds.add(in.readString());
            }
        }
        read.decidedAtMs = in.readLong();
        return read;
    }
}
