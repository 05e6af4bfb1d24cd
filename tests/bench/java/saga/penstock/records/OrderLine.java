// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One line of goods; gifts are lines, freight and services are not. */
public final class OrderLine {
    public String lineNo;
    public String sku;
    public String title;
    public int quantity;
    public long unitPriceMinor;
    public int returnedQuantity;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.lineNo);
        out.writeString(this.sku);
        out.writeString(this.title);
        out.writeInt(this.quantity);
        out.writeLong(this.unitPriceMinor);
        out.writeInt(this.returnedQuantity);
    }

    public static OrderLine decode(Decoder in) throws IOException {
        OrderLine read = new OrderLine();
        read.lineNo = in.readString();
        read.sku = in.readString();
        read.title = in.readString();
        read.quantity = in.readInt();
        read.unitPriceMinor = in.readLong();
        read.returnedQuantity = in.readInt();
        return read;
    }
}
