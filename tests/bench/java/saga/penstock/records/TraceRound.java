// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** One round of planning: what was considered, and what the stock's single writer then rejected. */
public final class TraceRound {
    public int round;
    public List<Considered> considered;
    public List<Missing> rejected;

    public void encode(Encoder out) throws IOException {
        out.writeInt(this.round);
        out.writeArrayStart();
        out.setItemCount(this.considered.size());
        for (Considered each : this.considered) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeArrayStart();
        out.setItemCount(this.rejected.size());
        for (Missing each : this.rejected) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
    }

    public static TraceRound decode(Decoder in) throws IOException {
        TraceRound read = new TraceRound();
        read.round = in.readInt();
        read.considered = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.considered.add(Considered.decode(in));
            }
        }
        read.rejected = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.rejected.add(Missing.decode(in));
            }
        }
        return read;
    }
}
