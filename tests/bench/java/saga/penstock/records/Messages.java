// Written by `python -m tests.bench.java_records` from schemas/golden/.
package penstock.records;

import java.io.IOException;
import org.apache.avro.io.Decoder;

/** Which class reads what stands behind a fingerprint. */
public final class Messages {
    private Messages() {}

    /** Throws IOException when nobody wrote such a schema. */
    public static Message decode(long fingerprint, Decoder in) throws IOException {
        // The low half tells the schemas apart; the whole is compared below.
        Message message = switch ((int) fingerprint) {
            case (int) ChannelEvent.FINGERPRINT -> ChannelEvent.decode(in);
            case (int) Order.FINGERPRINT -> Order.decode(in);
            case (int) Review.FINGERPRINT -> Review.decode(in);
            case (int) Duplicate.FINGERPRINT -> Duplicate.decode(in);
            case (int) Seen.FINGERPRINT -> Seen.decode(in);
            case (int) OrderState.FINGERPRINT -> OrderState.decode(in);
            case (int) Warehouse.FINGERPRINT -> Warehouse.decode(in);
            case (int) OrderAllocated.FINGERPRINT -> OrderAllocated.decode(in);
            case (int) OrderBackordered.FINGERPRINT -> OrderBackordered.decode(in);
            case (int) AllocationReleased.FINGERPRINT -> AllocationReleased.decode(in);
            case (int) OrderStatusChanged.FINGERPRINT -> OrderStatusChanged.decode(in);
            case (int) Reserve.FINGERPRINT -> Reserve.decode(in);
            case (int) Release.FINGERPRINT -> Release.decode(in);
            case (int) Receive.FINGERPRINT -> Receive.decode(in);
            case (int) SetSafetyStock.FINGERPRINT -> SetSafetyStock.decode(in);
            case (int) AwaitStock.FINGERPRINT -> AwaitStock.decode(in);
            case (int) ForgetStock.FINGERPRINT -> ForgetStock.decode(in);
            case (int) Reserved.FINGERPRINT -> Reserved.decode(in);
            case (int) ReservationRejected.FINGERPRINT -> ReservationRejected.decode(in);
            case (int) ReservationResolved.FINGERPRINT -> ReservationResolved.decode(in);
            case (int) StockArrived.FINGERPRINT -> StockArrived.decode(in);
            case (int) StockCommandAnswered.FINGERPRINT -> StockCommandAnswered.decode(in);
            case (int) Stock.FINGERPRINT -> Stock.decode(in);
            case (int) Reservation.FINGERPRINT -> Reservation.decode(in);
            case (int) Applied.FINGERPRINT -> Applied.decode(in);
            case (int) Availability.FINGERPRINT -> Availability.decode(in);
            case (int) StockAlert.FINGERPRINT -> StockAlert.decode(in);
            default -> null;
        };
        if (message == null || message.fingerprint() != fingerprint) {
            throw new IOException("no schema has the fingerprint " + Long.toHexString(fingerprint));
        }
        return message;
    }
}
