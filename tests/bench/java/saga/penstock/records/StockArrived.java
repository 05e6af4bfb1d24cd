// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Stock a backordered order waits for became sellable; the order has left the queue and plans anew. */
public final class StockArrived implements Message {
    public static final long FINGERPRINT = 0x82CD29A61FF869C3L;

    public String orderId;
    public String sku;
    public int quantity;
    public List<StockLevel> levels;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeInt(this.quantity);
        out.writeArrayStart();
        out.setItemCount(this.levels.size());
        for (StockLevel each : this.levels) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeLong(this.atMs);
    }

    public static StockArrived decode(Decoder in) throws IOException {
        StockArrived read = new StockArrived();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.quantity = in.readInt();
        read.levels = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.levels.add(StockLevel.decode(in));
            }
        }
        read.atMs = in.readLong();
        return read;
    }
}
