// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A channel event recognised as nothing new: recorded, without effect. */
public final class Duplicate implements Message {
    public static final long FINGERPRINT = 0xEFFE99884AE520B0L;

    public String orderId;
    public String channel;
    public DuplicateKind kind;
    public long version;
    public Source firstSource;
    public long receivedAtMs;
    public Source source;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.orderId);
        out.writeString(this.channel);
        out.writeEnum(this.kind.ordinal());
        out.writeLong(this.version);
        this.firstSource.encode(out);
        out.writeLong(this.receivedAtMs);
        this.source.encode(out);
    }

    public static Duplicate decode(Decoder in) throws IOException {
        Duplicate read = new Duplicate();
        read.orderId = in.readString();
        read.channel = in.readString();
        read.kind = DuplicateKind.ALL[in.readEnum()];
        read.version = in.readLong();
        read.firstSource = Source.decode(in);
        read.receivedAtMs = in.readLong();
        read.source = Source.decode(in);
        return read;
    }
}
