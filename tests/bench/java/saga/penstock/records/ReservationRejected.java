// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.Encoder;

/** The reservation was refused for lack of stock; carries the fresh numbers to plan again with. */
public final class ReservationRejected implements Message {
    public static final long FINGERPRINT = 0xC6CDE5FA5C34CAB3L;

    public String commandId;
    public String reservationId;
    public String orderId;
    public String sku;
    public String warehouse;
    public int quantity;
    public int shortfall;
    public List<StockLevel> levels;
    public long atMs;

    public long fingerprint() {
        return FINGERPRINT;
    }

    public void encode(Encoder out) throws IOException {
        out.writeString(this.commandId);
        out.writeString(this.reservationId);
        out.writeString(this.orderId);
        out.writeString(this.sku);
        out.writeString(this.warehouse);
        out.writeInt(this.quantity);
        out.writeInt(this.shortfall);
        out.writeArrayStart();
        out.setItemCount(this.levels.size());
        for (StockLevel each : this.levels) {
            out.startItem();
            each.encode(out);
        }
        out.writeArrayEnd();
        out.writeLong(this.atMs);
    }

    public static ReservationRejected decode(Decoder in) throws IOException {
        ReservationRejected read = new ReservationRejected();
        read.commandId = in.readString();
        read.reservationId = in.readString();
        read.orderId = in.readString();
        read.sku = in.readString();
        read.warehouse = in.readString();
        read.quantity = in.readInt();
        read.shortfall = in.readInt();
        read.levels = new ArrayList<>();
        for (long left = in.readArrayStart(); left > 0; left = in.arrayNext()) {
            for (long index = 0; index < left; index++) {
                read.levels.add(StockLevel.decode(in));
            }
        }
        read.atMs = in.readLong();
        return read;
    }
}
