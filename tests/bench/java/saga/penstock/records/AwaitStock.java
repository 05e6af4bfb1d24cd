// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A backordered order queues for a SKU; it is told once, by StockArrived. */
public final class AwaitStock implements Message {
    public static final long FINGERPRINT = 0xF7F230EB3CB191EAL;

    public String commandId;
    public String orderId;
    public String sku;
    public int quantity;
    public long requestedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeInt(this.quantity);
        out.writeLong(this.requestedAtMs);
    }

    public static AwaitStock decode(Decoder in) throws IOException {
        AwaitStock read = new AwaitStock();
        read.commandId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.quantity = in.readInt();
        read.requestedAtMs = in.readLong();
        return read;
    }
}
