package penstock.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Set;

/** Amounts and times as platforms write them, as minor units and milliseconds: exactly, or not at all. */
final class Values {
    static final long MAX_MINOR = 1_000_000_000_000_000L;
    private static final long MAX_TIME_S = 4_102_444_800L; // the year 2100: a later one is milliseconds taken for seconds
    private static final long CHINA_S = 8 * 3600;
    private static final Set<String> NO_TIME =
            Set.of("", "0001-01-01 00:00:00", "1970-01-01 00:00:00", "0000-00-00 00:00:00");

    /** A value that is not what its field needs: the reason's code, and the fix. No stack trace: it is an outcome. */
    static final class BadValue extends Exception {
        final String code;

        BadValue(String code, String fix) {
            super(fix, null, false, false);
            this.code = code;
        }
    }

    private Values() {}

    /** Digits, perhaps with a minus, short enough for a long. */
    static boolean isWhole(String text) {
        int start = text.startsWith("-") ? 1 : 0;
        return text.length() < 20 && isDigits(text, start, text.length());
    }

    static boolean isDigits(String text, int start, int end) {
        for (int index = start; index < end; index++) {
            if (text.charAt(index) < '0' || text.charAt(index) > '9') {
                return false;
            }
        }
        return end > start;
    }

    /** The number of a text that isWhole; the far end of the range when it is beyond. */
    static long whole(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException beyond) {
            return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** A JSON integer; the far end of the range when it is beyond. */
    static long whole(JsonNode value) {
        return value.canConvertToLong() ? value.longValue() : value.bigIntegerValue().signum() * Long.MAX_VALUE;
    }

    static long toMinor(JsonNode value, int digits) throws BadValue {
        if (!value.isNumber() && !value.isTextual()) {
            throw new BadValue("wrong_type", "expected an amount like \"99.00\"");
        }
        BigDecimal amount;
        try {
            String text = value.asText().strip();
            if (text.length() > 28) {
                throw new BadValue("invalid_money", "expected an amount like \"99.00\"");
            }
            amount = value.isNumber() ? value.decimalValue() : new BigDecimal(text);
        } catch (NumberFormatException error) {
            throw new BadValue("invalid_money", "expected an amount like \"99.00\"");
        }
        // Bounds first: scaling 1E999999 up would build a number of a million digits.
        if (amount.signum() < 0 || amount.compareTo(BigDecimal.valueOf(MAX_MINOR)) > 0) {
            throw new BadValue("out_of_range", "an amount is zero or more and finite");
        }
        try {
            return amount.movePointRight(digits).longValueExact();
        } catch (ArithmeticException error) {
            throw new BadValue("invalid_money", "at most " + digits + " digits after the point");
        }
    }

    /** A time in ms since the epoch, null when there is none. */
    static Long toMs(JsonNode value) throws BadValue {
        if (value == null || value.isNull()) {
            return null;
        }
        long seconds;
        if (value.isTextual()) {
            String text = value.textValue();
            if (NO_TIME.contains(text)) {
                return null;
            }
            if ((text.length() > 4 && text.charAt(4) == '-') || !isWhole(text)) {
                return calendar(text);
            }
            seconds = whole(text);
        } else if (value.isIntegralNumber()) {
            seconds = whole(value);
            if (seconds == 0) {
                return null;
            }
        } else {
            throw badTime();
        }
        if (seconds > 0 && seconds < MAX_TIME_S) {
            return seconds * 1000;
        }
        throw badTime();
    }

    private static long calendar(String text) throws BadValue {
        long ms;
        try {
            ms = text.length() == 19 && text.charAt(10) == ' ' ? inChina(text) : iso(text);
        } catch (DateTimeException | NumberFormatException error) {
            throw badTime();
        }
        if (ms < 0 || ms / 86_400_000 > MAX_TIME_S / 86_400 || text.length() < 16) {
            throw badTime();
        }
        return ms;
    }

    /** Nearly every time: yyyy-MM-dd HH:mm:ss on a clock at GMT+8. */
    private static long inChina(String text) {
        long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (hour > 23 || minute > 59 || second > 59 || text.charAt(13) != ':' || text.charAt(16) != ':') {
            throw new DateTimeException(text);
        }
        return (day * 86_400 + hour * 3600L + minute * 60L + second - CHINA_S) * 1000;
    }

    private static int number(String text, int start, int end) {
        if (!isDigits(text, start, end)) {
            throw new NumberFormatException(text);
        }
        return Integer.parseInt(text, start, end, 10);
    }

    private static long iso(String text) {
        String joined = text.replace(' ', 'T');
        boolean zoned = joined.endsWith("Z") || joined.indexOf('+', 10) > 0 || joined.indexOf('-', 11) > 0;
        Instant at = zoned
                ? OffsetDateTime.parse(joined).toInstant()
                : LocalDateTime.parse(joined).toInstant(ZoneOffset.ofHours(8));
        return at.toEpochMilli();
    }

    private static BadValue badTime() {
        return new BadValue(
                "invalid_time",
                "expected yyyy-MM-dd HH:mm:ss (GMT+8), ISO 8601 with offset, or unix seconds, 1970 to 2100");
    }
}
