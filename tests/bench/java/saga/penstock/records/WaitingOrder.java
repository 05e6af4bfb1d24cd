// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One backordered order in the queue for a SKU. */
public final class WaitingOrder {
    public String orderId;
    public int quantity;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeInt(this.quantity);
    }

    public static WaitingOrder decode(Decoder in) throws IOException {
        WaitingOrder read = new WaitingOrder();
        read.orderId = in.readString();
        read.quantity = in.readInt();
        return read;
    }
}
