// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The balance of one SKU at one warehouse; sellable = max(0, on_hand - reserved - safety_stock) while open. Invariant: 0 <= reserved <= on_hand. */
public final class StockLevel {
    public String warehouse;
    public int onHand;
    public int reserved;
    public int safetyStock;
    public boolean open;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.warehouse);
        out.writeInt(this.onHand);
        out.writeInt(this.reserved);
        out.writeInt(this.safetyStock);
        out.writeBoolean(this.open);
    }

    public static StockLevel decode(Decoder in) throws IOException {
        StockLevel read = new StockLevel();
        read.warehouse = in.readString();
        read.onHand = in.readInt();
        read.reserved = in.readInt();
        read.safetyStock = in.readInt();
        read.open = in.readBoolean();
        return read;
    }
}
