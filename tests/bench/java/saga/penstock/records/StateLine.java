// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** What the saga needs of an order line. */
public final class StateLine {
    public String lineNo;
    public String sku;
    public int quantity;
    public int returnedQuantity;
    public int restockedQuantity;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.lineNo);
        out.writeString(this.sku);
        out.writeInt(this.quantity);
        out.writeInt(this.returnedQuantity);
        out.writeInt(this.restockedQuantity);
    }

    public static StateLine decode(Decoder in) throws IOException {
        StateLine read = new StateLine();
        read.lineNo = in.readString();
        read.sku = in.readString();
        read.quantity = in.readInt();
        read.returnedQuantity = in.readInt();
        read.restockedQuantity = in.readInt();
        return read;
    }
}
