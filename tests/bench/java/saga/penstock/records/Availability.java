// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Balances of a SKU for planners and channels (compacted: the newest per SKU stays). */
public final class Availability implements Message {
    public static final long FINGERPRINT = 0x74DB8954C98E8F07L;

    public String sku;
    public long version;
    public List<StockLevel> levels;

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
    }

    public static Availability decode(Decoder in) throws IOException {
        Availability read = new Availability();
        read.sku = in.readString();
        read.version = in.readLong();
        read.levels = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.levels.add(StockLevel.decode(in));
            }
        }
        return read;
    }
}
