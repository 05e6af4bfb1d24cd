package penstock.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import penstock.records.Reason;

/** From payload bytes to one JSON object, or to the reason why not. */
final class Payload {
    static final int MAX_BYTES = 512 * 1024;
    private static final ObjectReader JSON = JsonMapper.builder()
            // Amounts stay what was sent: no float, no zero cut off.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private Payload() {}

    /** The JSON object of a payload; null with the reason appended when there is none. */
    static JsonNode object(byte[] payload, List<Reason> reasons) {
        if (payload.length > MAX_BYTES) {
            return blame(reasons, "payload_too_large", payload.length + " bytes", "one order per event");
        }
        if (payload.length >= 3 && payload[0] == (byte) 0xEF && payload[1] == (byte) 0xBB && payload[2] == (byte) 0xBF) {
            return blame(reasons, "wrong_encoding", "byte order mark", "send UTF-8 without a byte order mark");
        }
        JsonNode doc;
        try {
            doc = JSON.readValue(payload);
        } catch (IOException error) {
            if (!isUtf8(payload)) {
                return blame(reasons, "wrong_encoding", "bytes that are not UTF-8", "send UTF-8");
            }
            String why = error instanceof JsonProcessingException json ? json.getOriginalMessage() : error.getMessage();
            return blame(reasons, "invalid_json", "of " + payload.length + " bytes", why + ": send the body as received");
        }
        if (doc == null || doc.isMissingNode()) {
            return blame(reasons, "invalid_json", "nothing", "send the body as received");
        }
        if (hasSurrogate(payload) && !StandardCharsets.UTF_8.newEncoder().canEncode(CharBuffer.wrap(doc.toString()))) {
            return blame(reasons, "wrong_encoding", "half a surrogate pair", "send the character itself, in UTF-8");
        }
        if (!doc.isObject()) {
            return blame(reasons, "wrong_type", Fields.shown(doc), "expected one JSON object, the order's snapshot");
        }
        return doc;
    }

    private static JsonNode blame(List<Reason> reasons, String code, String value, String fix) {
        reasons.add(Fields.reason(code, "payload", value, fix));
        return null;
    }

    private static boolean isUtf8(byte[] payload) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
            return true;
        } catch (CharacterCodingException error) {
            return false;
        }
    }

    /** Whether an escaped surrogate stands in it: only then may half a pair. */
    private static boolean hasSurrogate(byte[] payload) {
        for (int index = 0; index + 2 < payload.length; index++) {
            if (payload[index] == '\\' && payload[index + 1] == 'u' && (payload[index + 2] | 0x20) == 'd') {
                return true;
            }
        }
        return false;
    }
}
