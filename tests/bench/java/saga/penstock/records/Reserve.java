// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Promise units to an order line: granted when quantity <= sellable, else rejected with fresh numbers. */
public final class Reserve implements Message {
    public static final long FINGERPRINT = 0x932DED7D283099A3L;

    public String commandId;
    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public int quantity;
    public Long expiresAtMs;
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
        out.writeInt(this.quantity);
        if (this.expiresAtMs == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeLong(this.expiresAtMs);
        }
        out.writeLong(this.requestedAtMs);
    }

    public static Reserve decode(Decoder in) throws IOException {
        Reserve read = new Reserve();
        read.commandId = in.readString();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        if (in.readIndex() == 1) {
            read.expiresAtMs = in.readLong();
        }
        read.requestedAtMs = in.readLong();
        return read;
    }
}
