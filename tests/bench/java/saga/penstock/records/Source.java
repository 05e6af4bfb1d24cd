// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Where a channel event stood in Kafka, so that every decision leads back to its original bytes. */
public final class Source {
    public String topic;
    public int partition;
    public long offset;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.topic);
        out.writeInt(this.partition);
        out.writeLong(this.offset);
    }

    public static Source decode(Decoder in) throws IOException {
        Source read = new Source();
        read.topic = in.readString();
        read.partition = in.readInt();
        read.offset = in.readLong();
        return read;
    }
}
