// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The reservation was granted. */
public final class Reserved implements Message {
    public static final long FINGERPRINT = 0x7879823852037DD2L;

    public String commandId;
    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public int quantity;
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
        out.writeLong(this.atMs);
    }

    public static Reserved decode(Decoder in) throws IOException {
        Reserved read = new Reserved();
        read.commandId = in.readString();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.atMs = in.readLong();
        return read;
    }
}
