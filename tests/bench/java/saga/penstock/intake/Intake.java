package penstock.intake;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import penstock.records.ChannelEvent;
import penstock.records.Duplicate;
import penstock.records.DuplicateKind;
import penstock.records.Message;
import penstock.records.Order;
import penstock.records.Review;
import penstock.records.Seen;
import penstock.records.SeenOutcome;
import penstock.records.Source;
import penstock.view.Surroundings;
import penstock.wire.Wire;

/** Raw channel events in; out comes each order once, in its canonical form, a recorded duplicate, or a review. */
public final class Intake extends ContextualProcessor<String, byte[], String, Message> {
    public static final String SEEN = "seen";

    private final Surroundings view;
    private final Fingerprints fingerprints = new Fingerprints();
    private KeyValueStore<String, Seen> seen;

    public Intake(Surroundings view) {
        this.view = view;
    }

    @Override
    public void init(ProcessorContext<String, Message> context) {
        super.init(context);
        seen = context.getStateStore(SEEN);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        ChannelEvent event = (ChannelEvent) Wire.decode(record.value());
        RecordMetadata place = context().recordMetadata().orElseThrow();
        Source source = new Source();
        source.topic = place.topic();
        source.partition = place.partition();
        source.offset = place.offset();
        Reading reading = Reading.of(event, record.value(), record.key(), source, view, fingerprints);
        Seen known = seen.get(reading.orderId);
        Message outcome = reading.order != null ? accept(reading, known, record.value()) : review(reading, known);
        context().forward(record.withKey(reading.orderId).withValue(outcome));
    }

    private Message accept(Reading reading, Seen known, byte[] value) {
        Order order = reading.order;
        if (known == null || known.outcome != SeenOutcome.ACCEPTED) {
            remember(reading.orderId, SeenOutcome.ACCEPTED, order.version, order.fingerprint, order.source);
            return order;
        }
        if (Arrays.equals(order.fingerprint, known.fingerprint)) {
            // The platform confirmed the content at a newer time: whatever lies between the two is stale.
            if (order.version > known.version) {
                remember(reading.orderId, SeenOutcome.ACCEPTED, order.version, known.fingerprint, known.source);
            }
            return duplicate(DuplicateKind.EXACT, order, known);
        }
        if (order.version < known.version) {
            return duplicate(DuplicateKind.STALE, order, known);
        }
        if (order.version == known.version) {
            return conflict(order, value, known);
        }
        remember(reading.orderId, SeenOutcome.ACCEPTED, order.version, order.fingerprint, order.source);
        return order;
    }

    private Message review(Reading reading, Seen known) {
        Review review = reading.review;
        if (known != null && known.outcome == SeenOutcome.ACCEPTED) {
            return review;
        }
        if (known != null && Arrays.equals(known.fingerprint, reading.fingerprint)) {
            return duplicate(DuplicateKind.EXACT, review.orderId, review.channel, known.version, known,
                    review.receivedAtMs, review.source);
        }
        remember(reading.orderId, SeenOutcome.REVIEW, 0, reading.fingerprint, review.source);
        return review;
    }

    private void remember(String orderId, SeenOutcome outcome, long version, byte[] fingerprint, Source source) {
        Seen mark = new Seen();
        mark.outcome = outcome;
        mark.version = version;
        mark.fingerprint = fingerprint;
        mark.source = source;
        seen.put(orderId, mark);
    }

    private static Review conflict(Order order, byte[] value, Seen known) {
        Source first = known.source;
        String where = first.topic + "[" + first.partition + "]@" + first.offset;
        Review review = new Review();
        review.orderId = order.orderId;
        review.channel = order.channel;
        review.shop = order.shop;
        review.orderNo = order.orderNo;
        review.reasons = List.of(Fields.reason("conflicting_content", "payload", "version " + order.version,
                "the event at " + where + " has the same version and other content: fetch the order again"));
        review.event = value;
        review.receivedAtMs = order.receivedAtMs;
        review.source = order.source;
        return review;
    }

    private static Duplicate duplicate(DuplicateKind kind, Order of, Seen known) {
        return duplicate(kind, of.orderId, of.channel, of.version, known, of.receivedAtMs, of.source);
    }

    private static Duplicate duplicate(
            DuplicateKind kind, String id, String channel, long version, Seen known, long receivedAtMs, Source source) {
        Duplicate duplicate = new Duplicate();
        duplicate.orderId = id;
        duplicate.channel = channel;
        duplicate.kind = kind;
        duplicate.version = version;
        duplicate.firstSource = known.source;
        duplicate.receivedAtMs = receivedAtMs;
        duplicate.source = source;
        return duplicate;
    }
}
