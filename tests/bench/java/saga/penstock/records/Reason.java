// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One thing wrong with the event, and what would put it right. */
public final class Reason {
    public String code;
    public String field;
    public String value;
    public String fix;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.code);
        out.writeString(this.field);
        out.writeString(this.value);
        out.writeString(this.fix);
    }

    public static Reason decode(Decoder in) throws IOException {
        Reason read = new Reason();
        read.code = in.readString();
        read.field = in.readString();
        read.value = in.readString();
        read.fix = in.readString();
        return read;
    }
}
