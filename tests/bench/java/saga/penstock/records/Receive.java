// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Goods arrived at a warehouse: on_hand rises. */
public final class Receive implements Message {
    public static final long FINGERPRINT = 0x988C8B6710B6BCEEL;

    public String commandId;
    public String sku;
    public String warehouse;
    public int quantity;
    public long requestedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeLong(this.requestedAtMs);
    }

    public static Receive decode(Decoder in) throws IOException {
        Receive read = new Receive();
        read.commandId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.requestedAtMs = in.readLong();
        return read;
    }
}
