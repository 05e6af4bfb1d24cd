// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One reservation and how it ended (table `reservations`, key reservation id): the stored answer to every repetition. */
public final class Reservation implements Message {
    public static final long FINGERPRINT = 0xE970F195DDA830E7L;

    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public int quantity;
    public ReservationState state;
    public Long expiresAtMs;
    public String commandId;
    public String resolvedBy;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.reservationId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeEnum(this.state.ordinal());
        if (this.expiresAtMs == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeLong(this.expiresAtMs);
        }
        out.writeString(this.commandId);
        if (this.resolvedBy == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeString(this.resolvedBy);
        }
    }

    public static Reservation decode(Decoder in) throws IOException {
        Reservation read = new Reservation();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.state = ReservationState.ALL[in.readEnum()];
        if (in.readIndex() == 1) {
            read.expiresAtMs = in.readLong();
        }
        read.commandId = in.readString();
        if (in.readIndex() == 1) {
            read.resolvedBy = in.readString();
        }
        return read;
    }
}
