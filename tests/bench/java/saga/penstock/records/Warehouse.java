// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** A warehouse and its limits, as planners see it (compacted: the newest per warehouse stays). */
public final class Warehouse implements Message {
    public static final long FINGERPRINT = 0xFF3768975A656D0BL;

    public String warehouse;
    public String name;
    public String province;
    public double latitude;
    public double longitude;
    public Long maxOpenUnits;
    public boolean enabled;
    public int priority;
    public long version;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.warehouse);
        out.writeString(this.name);
        out.writeString(this.province);
        out.writeDouble(this.latitude);
        out.writeDouble(this.longitude);
        if (this.maxOpenUnits == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeLong(this.maxOpenUnits);
        }
        out.writeBoolean(this.enabled);
        out.writeInt(this.priority);
        out.writeLong(this.version);
    }

    public static Warehouse decode(Decoder in) throws IOException {
        Warehouse read = new Warehouse();
        read.warehouse = in.readString();
        read.name = in.readString();
        read.province = in.readString();
        read.latitude = in.readDouble();
        read.longitude = in.readDouble();
        if (in.readIndex() == 1) {
            read.maxOpenUnits = in.readLong();
        }
        read.enabled = in.readBoolean();
        read.priority = in.readInt();
        read.version = in.readLong();
        return read;
    }
}
