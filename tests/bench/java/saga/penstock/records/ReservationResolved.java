// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The answer to Commit, Release or Expire: done now, done before, or nothing to resolve. */
public final class ReservationResolved implements Message {
    public static final long FINGERPRINT = 0xA336E5431AF100ACL;

    public String commandId;
    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public int quantity;
    public Answer answer;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.reservationId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeEnum(this.answer.ordinal());
        out.writeLong(this.atMs);
    }

    public static ReservationResolved decode(Decoder in) throws IOException {
        ReservationResolved read = new ReservationResolved();
        read.commandId = in.readString();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.answer = Answer.ALL[in.readEnum()];
        read.atMs = in.readLong();
        return read;
    }
}
