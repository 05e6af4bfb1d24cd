// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One warehouse weighed for the order. */
public final class Considered {
    public String warehouse;
    public int covers;
    public Double distanceKm;
    public long openUnits;
    public boolean chosen;
    public String reason;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.warehouse);
        out.writeInt(this.covers);
        if (this.distanceKm == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeDouble(this.distanceKm);
        }
        out.writeLong(this.openUnits);
        out.writeBoolean(this.chosen);
        out.writeString(this.reason);
    }

    public static Considered decode(Decoder in) throws IOException {
        Considered read = new Considered();
        read.warehouse = in.readString();
        read.covers = in.readInt();
        if (in.readIndex() == 1) {
            read.distanceKm = in.readDouble();
        }
        read.openUnits = in.readLong();
        read.chosen = in.readBoolean();
        read.reason = in.readString();
        return read;
    }
}
