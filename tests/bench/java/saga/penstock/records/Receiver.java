// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** Whom and where to ship to. Personal data: never in logs or metrics. Platforms may give masked or encrypted values. */
public final class Receiver {
    public String name;
    public String phone;
    public String country;
    public String province;
    public String city;
    public String district;
    public String address;
    public String postalCode;
    public String oaid;

    public void encode(Encoder out) throws IOException {
        out.writeString(this.name);
        out.writeString(this.phone);
        out.writeString(this.country);
        out.writeString(this.province);
        out.writeString(this.city);
        out.writeString(this.district);
        out.writeString(this.address);
        out.writeString(this.postalCode);
        if (this.oaid == null) {
            out.writeIndex(0);
        } else {
            out.writeIndex(1);
            out.writeString(this.oaid);
        }
    }

    public static Receiver decode(Decoder in) throws IOException {
        Receiver read = new Receiver();
        read.name = in.readString();
        read.phone = in.readString();
        read.country = in.readString();
        read.province = in.readString();
        read.city = in.readString();
        read.district = in.readString();
        read.address = in.readString();
        read.postalCode = in.readString();
        if (in.readIndex() == 1) {
            read.oaid = in.readString();
        }
        return read;
    }
}
