package penstock.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import penstock.records.Message;
import penstock.records.Messages;

/** Avro single-object encoding: C3 01, the fingerprint of the writer's schema (8 bytes, little-endian), the body. */
public final class Wire {
    private static final int HEADER_BYTES = 10;
    private static final ThreadLocal<Wire> OWN = ThreadLocal.withInitial(Wire::new);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    private BinaryEncoder encoder;
    private BinaryDecoder decoder;

    private Wire() {}

    public static byte[] encode(Message message) {
        return OWN.get().write(message);
    }

    public static Message decode(byte[] bytes) {
        return OWN.get().read(bytes);
    }

    /** For records of one type, as a state store's are; keeps nothing itself. */
    @SuppressWarnings("unchecked")
    public static <T extends Message> Serde<T> serde() {
        Serializer<T> serializer = (topic, message) -> message == null ? null : encode(message);
        Deserializer<T> deserializer = (topic, bytes) -> bytes == null ? null : (T) decode(bytes);
        return new Serde<>() {
            @Override
            public Serializer<T> serializer() {
                return serializer;
            }

            @Override
            public Deserializer<T> deserializer() {
                return deserializer;
            }
        };
    }

    private byte[] write(Message message) {
        out.reset();
        out.write(0xC3);
        out.write(0x01);
        long fingerprint = message.fingerprint();
        for (int shift = 0; shift < 64; shift += 8) {
            out.write((int) (fingerprint >>> shift));
        }
        encoder = EncoderFactory.get().binaryEncoder(out, encoder);
        try {
            message.encode(encoder);
            encoder.flush();
        } catch (IOException error) {
            throw new SerializationException(error);
        }
        return out.toByteArray();
    }

    private Message read(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != (byte) 0xC3 || bytes[1] != 0x01) {
            throw new SerializationException("not in Avro's single-object encoding");
        }
        long fingerprint = 0;
        for (int index = HEADER_BYTES - 1; index >= 2; index--) {
            fingerprint = fingerprint << 8 | (bytes[index] & 0xFF);
        }
        decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, decoder);
        try {
            return Messages.decode(fingerprint, decoder);
        } catch (IOException error) {
            throw new SerializationException(error);
        }
    }
}
