// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Change how many units of a SKU a warehouse holds back from sale. */
public final class SetSafetyStock implements Message {
    public static final long FINGERPRINT = 0x2E974D7872EEE3B7L;

    public String commandId;
    public String sku;
    public String warehouse;
    public int quantity;
    public long requestedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeLong(this.requestedAtMs);
    }

    public static SetSafetyStock decode(Decoder in) throws IOException {
        SetSafetyStock read = new SetSafetyStock();
        read.commandId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.requestedAtMs = in.readLong();
        return read;
    }
}
