// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** How an allocation was decided, round by round. */
public final class DecisionTrace {
    public List<TraceRound> rounds;

    public void encode(Encoder out) throws IOException {
        out.writeArrayStart();
        out.setItemCount(this.rounds.size());
        for (TraceRound each : this.rounds) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
    }

    public static DecisionTrace decode(Decoder in) throws IOException {
        DecisionTrace read = new DecisionTrace();
        read.rounds = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.rounds.add(TraceRound.decode(in));
            }
        }
        return read;
    }
}
