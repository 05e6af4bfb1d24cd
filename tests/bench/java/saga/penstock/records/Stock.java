// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The balance of a SKU over all warehouses and who waits for it (table `stock`, key sku). */
public final class Stock implements Message {
    public static final long FINGERPRINT = 0x2B00E912139F57A8L;

    public String sku;
    public long version;
    public List<StockLevel> levels;
    public List<WaitingOrder> waiting;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.sku);
        out.writeLong(this.version);
        out.writeArrayStart();
        out.setItemCount(this.levels.size());
        for (StockLevel each : this.levels) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeArrayStart();
        out.setItemCount(this.waiting.size());
        for (WaitingOrder each : this.waiting) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
    }

    public static Stock decode(Decoder in) throws IOException {
        Stock read = new Stock();
        read.sku = in.readString();
        read.version = in.readLong();
        read.levels = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.levels.add(StockLevel.decode(in));
            }
        }
        read.waiting = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.waiting.add(WaitingOrder.decode(in));
            }
        }
        return read;
    }
}
