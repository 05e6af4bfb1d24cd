// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One reservation of the current attempt. */
public final class Part {
    public String reservationId;
    public String lineNo;
    public String sku;
    public String warehouse;
    public int quantity;
    public PartState state;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.reservationId);
        out.writeString(this.lineNo);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeEnum(this.state.ordinal());
    }

    public static Part decode(Decoder in) throws IOException {
        Part read = new Part();
        read.reservationId = in.readString();
        read.lineNo = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.state = PartState.ALL[in.readEnum()];
        return read;
    }
}
