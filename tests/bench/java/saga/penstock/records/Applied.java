// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The answer already given to a stock command that is about no reservation (table `applied`, key command id). */
public final class Applied implements Message {
    public static final long FINGERPRINT = 0x3D8B556C04D16036L;

    public String commandId;
    public String answer;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.answer);
        out.writeLong(this.atMs);
    }

    public static Applied decode(Decoder in) throws IOException {
        Applied read = new Applied();
        read.commandId = in.readString();
        read.answer = in.readString();
        read.atMs = in.readLong();
        return read;
    }
}
