// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A line, or a share of it, reserved at one warehouse. */
public final class AllocatedPart {
    public String reservationId;
    public String lineNo;
    public String sku;
    public String warehouse;
    public int quantity;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.reservationId);
        out.writeString(this.lineNo);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
    }

    public static AllocatedPart decode(Decoder in) throws IOException {
        AllocatedPart read = new AllocatedPart();
        read.reservationId = in.readString();
        read.lineNo = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        return read;
    }
}
