// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Dedup's memory of an order (table `seen`, key order id): the last judged content and what became of it. */
public final class Seen implements Message {
    public static final long FINGERPRINT = 0x7C20C7CF7F5CD7D9L;

    public SeenOutcome outcome;
    public long version;
    public byte[] fingerprint;
    public Source source;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeEnum(this.outcome.ordinal());
        out.writeLong(this.version);
        out.writeBytes(this.fingerprint);
        this.source.encode(out);
    }

    public static Seen decode(Decoder in) throws IOException {
        Seen read = new Seen();
        read.outcome = SeenOutcome.ALL[in.readEnum()];
        read.version = in.readLong();
        read.fingerprint = in.readBytes((ByteBuffer) null).array();
        read.source = Source.decode(in);
        return read;
    }
}
