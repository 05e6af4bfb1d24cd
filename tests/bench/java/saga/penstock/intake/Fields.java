package penstock.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import penstock.records.Reason;

/** Reads what stands in a JSON object as text, number or time; one problem never hides the next. */
final class Fields extends Place {
    static final int MAX_QUANTITY = 1_000_000;
    static final int MAX_ID_CHARS = 64;

    Fields(JsonNode doc, String path, List<Reason> reasons) {
        super(doc, path, reasons);
    }

    // text

    /** The first of these fields that has something in it, without blanks around it; "" when none has. */
    String text(String... names) {
        for (String name : names) {
            JsonNode value = value(name);
            if (value == null) {
                continue;
            }
            if (value.isTextual()) {
                String found = value.textValue().strip();
                if (!found.isEmpty()) {
                    return found;
                }
            } else if (value.isNumber()) {
                return value.asText();
            } else {
                wrong("wrong_type", name, value, "expected text");
            }
        }
        return "";
    }

    String need(String name) {
        String found = text(name);
        if (found.isEmpty()) {
            missing("", name);
        }
        return found;
    }

    String sku(String... names) {
        String found = text(names);
        if (found.isEmpty()) {
            missing("give the listing its seller SKU on the platform, then fetch the order again", names);
        } else if (found.length() > MAX_ID_CHARS) {
            wrong("out_of_range", names[0], found, "a SKU has at most " + MAX_ID_CHARS + " characters");
        }
        return found;
    }

    /** An order or line number: a positive int of any size or a text, exactly as the platform writes it. */
    String ident(String name) {
        JsonNode value = value(name);
        String found;
        if (value != null && value.isIntegralNumber() && value.bigIntegerValue().signum() > 0) {
            found = value.asText();
        } else if (value != null && value.isTextual() && !value.textValue().isEmpty()) {
            found = value.textValue().strip();
        } else if (value == null || value.isTextual()) {
            missing("", name);
            return "";
        } else {
            wrong("wrong_type", name, value, "expected an id: digits or text, no fraction, not a float");
            return "";
        }
        if (found.isEmpty() || found.length() > MAX_ID_CHARS || found.chars().anyMatch(Character::isISOControl)) {
            wrong("out_of_range", name, found, "an id has 1 to " + MAX_ID_CHARS + " printable characters");
        }
        return found;
    }

    /** What the table has for the value (digits as int); a value it does not have is a reason, and null. */
    <T> T choice(String name, Map<?, T> table) {
        JsonNode value = value(name);
        if (value == null) {
            missing("", name);
            return null;
        }
        Object key;
        if (value.isTextual()) {
            String text = value.textValue();
            boolean number = text.length() < 9 && Values.isDigits(text, 0, text.length());
            key = number ? (Object) Integer.parseInt(text) : text;
        } else if (value.isIntegralNumber()) {
            key = value.canConvertToInt() ? (Object) value.intValue() : value.asText();
        } else {
            wrong("wrong_type", name, value, "expected a status");
            return null;
        }
        T found = table.get(key);
        if (found == null) {
            wrong("unknown_status", name, value, "a status this mapper does not know: extend its table, then replay the event");
        }
        return found;
    }

    /** Is it set: true, 1, "1", "true"; anything else is not. */
    boolean flag(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return false;
        }
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> value.isIntegralNumber() && value.intValue() == 1;
            case STRING -> value.textValue().equals("1") || List.of("true", "TRUE", "True").contains(value.textValue());
            default -> false;
        };
    }

    // numbers

    /** A whole number, as number or digits; without a default it must be there. */
    long integer(String name, long low, long high, Long otherwise) {
        JsonNode value = value(name);
        if (value == null || (value.isTextual() && value.textValue().isEmpty())) {
            if (otherwise != null) {
                return otherwise;
            }
            missing("", name);
            return low;
        }
        long found;
        if (value.isIntegralNumber()) {
            found = Values.whole(value);
        } else if (value.isTextual() && Values.isWhole(value.textValue())) {
            found = Values.whole(value.textValue());
        } else {
            wrong("wrong_type", name, value, "expected a whole number");
            return low;
        }
        if (found < low || found > high) {
            wrong("out_of_range", name, value, "expected " + low + " to " + high);
            return low;
        }
        return found;
    }

    /** Pieces of a line: 1 to 1,000,000. */
    int quantity(String name) {
        JsonNode value = value(name);
        boolean digits = value != null && value.isTextual() && Values.isWhole(value.textValue());
        if (digits || (value != null && value.isIntegralNumber())) {
            if ((digits ? Values.whole(value.textValue()) : Values.whole(value)) <= 0) {
                wrong("quantity_not_positive", name, value, "a line needs at least one piece; returns come as refund marks");
                return 1;
            }
        }
        return (int) integer(name, 1, MAX_QUANTITY, null);
    }

    /** An amount in main units as minor units; `digits` of the currency after the point. */
    long money(String name, int digits, Long otherwise) {
        JsonNode value = value(name);
        if (value == null || (value.isTextual() && value.textValue().isEmpty())) {
            if (otherwise == null) {
                missing("", name);
            }
            return otherwise == null ? 0 : otherwise;
        }
        if (value.isTextual() && digits == 2) {
            // Nearly every amount: digits, a point, two digits.
            String text = value.textValue();
            int point = text.length() - 3;
            if (point > 0 && point < 14 && text.charAt(point) == '.' && Values.isDigits(text, 0, point)
                    && Values.isDigits(text, point + 1, text.length())) {
                return Long.parseLong(text, 0, point, 10) * 100 + Integer.parseInt(text, point + 1, text.length(), 10);
            }
        }
        try {
            return Values.toMinor(value, digits);
        } catch (Values.BadValue problem) {
            wrong(problem.code, name, value, problem.getMessage());
            return 0;
        }
    }

    long money(String name) {
        return money(name, 2, null);
    }

    /** An amount that the platform already states in minor units (fen). */
    long minor(String name, Long otherwise) {
        JsonNode value = value(name);
        if (value != null && value.isTextual() && !value.textValue().isEmpty() && !Values.isWhole(value.textValue())) {
            wrong("invalid_money", name, value, "expected a whole number of minor units");
            return 0;
        }
        return integer(name, 0, Values.MAX_MINOR, otherwise);
    }

    // times

    /** A time that must be there, in ms since the epoch. */
    long time(String name) {
        int before = reasons.size();
        Long found = maybeTime(name);
        if (found == null && reasons.size() == before) {
            missing("", name);
        }
        return found == null ? 0 : found;
    }

    Long maybeTime(String name) {
        JsonNode value = value(name);
        try {
            return Values.toMs(value);
        } catch (Values.BadValue problem) {
            wrong(problem.code, name, value, problem.getMessage());
            return null;
        }
    }
}
