// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Give a reservation back to sale: order cancelled, changed or replanned. */
public final class Release implements Message {
    public static final long FINGERPRINT = 0x650C6B2430D8C5B9L;

    public String commandId;
    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public String reason;
    public long requestedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.reservationId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeString(this.reason);
        out.writeLong(this.requestedAtMs);
    }

    public static Release decode(Decoder in) throws IOException {
        Release read = new Release();
        read.commandId = in.readString();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.reason = in.readString();
        read.requestedAtMs = in.readLong();
        return read;
    }
}
