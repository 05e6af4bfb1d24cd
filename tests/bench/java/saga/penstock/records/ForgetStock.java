// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The order waits no longer: cancelled, changed or served. */
public final class ForgetStock implements Message {
    public static final long FINGERPRINT = 0xDDCE203BDB84ACAAL;

    public String commandId;
    public String orderId;
    public String sku;
    public long requestedAtMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeLong(this.requestedAtMs);
    }

    public static ForgetStock decode(Decoder in) throws IOException {
        ForgetStock read = new ForgetStock();
        read.commandId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.requestedAtMs = in.readLong();
        return read;
    }
}
