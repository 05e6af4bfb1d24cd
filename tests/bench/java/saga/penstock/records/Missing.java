// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A SKU that stock could not cover. */
public final class Missing {
    public String sku;
    public int shortfall;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.sku);
        out.writeInt(this.shortfall);
    }

    public static Missing decode(Decoder in) throws IOException {
        Missing read = new Missing();
        read.sku = in.readString();
        read.shortfall = in.readInt();
        return read;
    }
}
