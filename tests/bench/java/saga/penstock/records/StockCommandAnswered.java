// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The answer to Receive, Adjust, Restock or SetSafetyStock. */
public final class StockCommandAnswered implements Message {
    public static final long FINGERPRINT = 0x99BD981EFC9EC77AL;

    public String commandId;
    public String orderId;
    public String sku;
    public String warehouse;
    public StockAnswer answer;
    public String reason;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeEnum(this.answer.ordinal());
        out.writeString(this.reason);
        out.writeLong(this.atMs);
    }

    public static StockCommandAnswered decode(Decoder in) throws IOException {
        StockCommandAnswered read = new StockCommandAnswered();
        read.commandId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.answer = StockAnswer.ALL[in.readEnum()];
        read.reason = in.readString();
        read.atMs = in.readLong();
        return read;
    }
}
