package penstock.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import penstock.records.Reason;

/** One JSON object being read: its place in the payload, the reasons found so far, and the objects within it. */
class Place {
    static final int MAX_LINES = 500;
    private static final JsonNode EMPTY = JsonNodeFactory.instance.objectNode();

    final JsonNode doc;
    final List<Reason> reasons;
    private final String path;

    Place(JsonNode doc, String path, List<Reason> reasons) {
        this.doc = doc;
        this.path = path;
        this.reasons = reasons;
    }

    /** The value, null where it is absent or JSON's null. */
    JsonNode value(String name) {
        JsonNode value = doc.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String name) {
        return doc.has(name);
    }

    void wrong(String code, String name, Object value, String fix) {
        reasons.add(reason(code, path + name, shown(value), fix));
    }

    static Reason reason(String code, String field, String value, String fix) {
        Reason reason = new Reason();
        reason.code = code;
        reason.field = field;
        reason.value = value;
        reason.fix = fix;
        return reason;
    }

    static String shown(Object value) {
        if (value instanceof JsonNode node) {
            if (node.isObject()) {
                return "an object of " + node.size() + " fields";
            }
            if (node.isArray()) {
                return "a list of " + node.size();
            }
        }
        String text = value instanceof JsonNode node ? node.toString() : "'" + value + "'";
        return text.length() <= 62 ? text : text.substring(0, 61) + "...";
    }

    void missing(String fix, String... names) {
        String all = String.join(" or ", names);
        wrong("missing_field", all, "", fix.isEmpty() ? "the platform always sends it: fetch the order again" : fix);
    }

    /** The object in this field; an empty one when there is none. */
    Fields child(String name) {
        JsonNode value = value(name);
        if (value == null || !value.isObject()) {
            // PHP-made platforms write an empty object as [].
            if (value != null && !(value.isArray() && value.isEmpty())) {
                wrong("wrong_type", name, value, "expected an object");
            }
            value = EMPTY;
        }
        return new Fields(value, path + name + ".", reasons);
    }

    List<Fields> children(String name) {
        return children(name, "");
    }

    /** The objects of the list in this field; with `item`, of a list wrapped once more (Taobao: orders.order). */
    List<Fields> children(String name, String item) {
        JsonNode value = value(name);
        if (!item.isEmpty() && value != null && value.isObject()) {
            name = name + "." + item;
            value = value.get(item);
        }
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            wrong("wrong_type", name, value, "expected a list");
            return List.of();
        }
        if (value.size() > MAX_LINES) {
            wrong("too_many_lines", name, value, "at most " + MAX_LINES + ": split the order or correct the export");
            return List.of();
        }
        List<Fields> found = new ArrayList<>(value.size());
        for (int index = 0; index < value.size(); index++) {
            String place = name + "[" + index + "]";
            if (value.get(index).isObject()) {
                found.add(new Fields(value.get(index), path + place + ".", reasons));
            } else {
                wrong("wrong_type", place, value.get(index), "expected an object");
            }
        }
        return found;
    }
}
