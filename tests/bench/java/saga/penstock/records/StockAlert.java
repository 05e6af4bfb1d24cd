// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Sale of a SKU at a warehouse closed or reopened at its safety stock. */
public final class StockAlert implements Message {
    public static final long FINGERPRINT = 0x50425C65E8F615A1L;

    public String sku;
    public String warehouse;
    public AlertKind kind;
    public int sellable;
    public int safetyStock;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeEnum(this.kind.ordinal());
        out.writeInt(this.sellable);
        out.writeInt(this.safetyStock);
        out.writeLong(this.atMs);
    }

    public static StockAlert decode(Decoder in) throws IOException {
        StockAlert read = new StockAlert();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.kind = AlertKind.ALL[in.readEnum()];
        read.sellable = in.readInt();
        read.safetyStock = in.readInt();
        read.atMs = in.readLong();
        return read;
    }
}
