package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Encoder;

/** A record that travels by itself: in Avro's single-object encoding, behind the fingerprint of its schema. */
public interface Message {
    long fingerprint();

    void encode(Encoder out) throws IOException;
}
