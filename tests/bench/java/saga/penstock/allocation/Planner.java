package penstock.allocation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import penstock.allocation.States.Need;
import penstock.inventory.Balances;
import penstock.records.Considered;
import penstock.records.Missing;
import penstock.records.StockLevel;
import penstock.records.Warehouse;
import penstock.view.Surroundings;

/** Which warehouses serve an order: the fewest, then the nearest; greedy when one alone does not do. */
final class Planner {
    /** Units of one line from one warehouse: what one Reserve asks for. */
    record PlannedPart(String lineNo, String sku, String warehouse, int quantity) {}

    /** Who sends what, every warehouse looked at, best first, and what nobody can send. */
    record Plan(List<PlannedPart> parts, List<Considered> considered, List<Missing> missing) {}

    private static final Comparator<Candidate> NEAREST = Comparator.comparingDouble((Candidate each) -> each.distance)
            .thenComparingInt(each -> each.priority)
            .thenComparing(each -> each.name);

    private static final class Candidate {
        final String name;
        final int priority;
        final double distance;
        final long openUnits;
        final Map<String, Integer> sells = new LinkedHashMap<>();
        long free = Long.MAX_VALUE;
        int covers;
        String reason = "";

        Candidate(String name, int priority, double distance, long openUnits) {
            this.name = name;
            this.priority = priority;
            this.distance = distance;
            this.openUnits = openUnits;
        }

        /** Units of what is left that this warehouse could send. */
        int covers(Map<String, Integer> left) {
            int units = 0;
            for (Map.Entry<String, Integer> each : left.entrySet()) {
                units += Math.min(each.getValue(), sells.getOrDefault(each.getKey(), 0));
            }
            return (int) Math.min(units, free);
        }
    }

    private Planner() {}

    static Plan plan(
            List<Need> needs, Map<String, List<StockLevel>> levels, Surroundings view, String destination) {
        Map<String, Integer> wanted = States.unitsPerSku(needs);
        int total = 0;
        for (int units : wanted.values()) {
            total += units;
        }
        List<Candidate> candidates = candidates(wanted, levels, view, destination);
        Candidate whole = null;
        for (Candidate each : candidates) {
            if (each.covers == total && (whole == null || NEAREST.compare(each, whole) < 0)) {
                whole = each;
            }
        }
        if (whole == null) {
            return split(needs, wanted, total, candidates);
        }
        List<PlannedPart> parts = new ArrayList<>(needs.size());
        for (Need need : needs) {
            parts.add(new PlannedPart(need.lineNo(), need.sku(), whole.name, need.quantity()));
        }
        return new Plan(parts, considered(candidates, total, Map.of(whole.name, "covers the whole order")), List.of());
    }

    /** Every warehouse with what it could send of the order; one that can't send anything says why. */
    private static List<Candidate> candidates(
            Map<String, Integer> wanted, Map<String, List<StockLevel>> levels, Surroundings view, String destination) {
        List<Warehouse> warehouses = view.warehouses();
        Map<String, Candidate> found = LinkedHashMap.newLinkedHashMap(warehouses.size());
        for (Warehouse each : warehouses) {
            Double km = Geography.distanceKm(destination, each.latitude, each.longitude);
            double distance = km == null ? Double.POSITIVE_INFINITY : km;
            Candidate candidate = new Candidate(each.warehouse, each.priority, distance, view.load(each.warehouse));
            found.put(each.warehouse, candidate);
            if (!each.enabled) {
                candidate.reason = "disabled";
                candidate.free = 0;
            } else if (each.maxOpenUnits != null) {
                candidate.free = Math.max(0, each.maxOpenUnits - candidate.openUnits);
                candidate.reason = candidate.free == 0 ? "full: no open units left" : "";
            }
        }
        for (Map.Entry<String, Integer> each : wanted.entrySet()) {
            for (StockLevel level : levels.get(each.getKey())) {
                int units = Balances.sellable(level);
                if (units > 0) {
                    Candidate seller = found.computeIfAbsent(level.warehouse, Planner::notSetUp);
                    seller.sells.put(each.getKey(), units);
                    seller.covers += Math.min(units, each.getValue());
                }
            }
        }
        for (Candidate each : found.values()) {
            each.covers = (int) Math.min(each.covers, each.free);
        }
        return new ArrayList<>(found.values());
    }

    /** Stock at a warehouse nobody has set up: worth a line in the trace, not a parcel. */
    private static Candidate notSetUp(String name) {
        Candidate candidate = new Candidate(name, 0, Double.POSITIVE_INFINITY, 0);
        candidate.reason = "not set up";
        candidate.free = 0;
        return candidate;
    }

    /** Shares the order between warehouses, the one that covers most of what is left first. */
    private static Plan split(List<Need> needs, Map<String, Integer> wanted, int total, List<Candidate> candidates) {
        Map<String, Map<String, Integer>> taken = new LinkedHashMap<>();
        Map<String, String> reasons = new LinkedHashMap<>();
        Map<String, Integer> left = new LinkedHashMap<>(wanted);
        List<Candidate> remaining = new ArrayList<>(candidates);
        while (!left.isEmpty() && !remaining.isEmpty()) {
            Candidate best = null;
            int units = 0;
            for (Candidate each : remaining) {
                int covers = each.covers(left);
                if (best == null || covers > units || (covers == units && NEAREST.compare(each, best) < 0)) {
                    best = each;
                    units = covers;
                }
            }
            if (units == 0) {
                break;
            }
            remaining.remove(best);
            int before = left.values().stream().mapToInt(Integer::intValue).sum();
            reasons.put(best.name, "adds " + units + " of the " + before + " units left");
            taken.put(best.name, take(best, left));
        }
        if (!left.isEmpty()) {
            List<Missing> missing = new ArrayList<>();
            left.forEach((sku, units) -> missing.add(Traces.missing(sku, units)));
            return new Plan(List.of(), considered(candidates, total, Map.of()), missing);
        }
        return new Plan(parts(needs, taken), considered(candidates, total, reasons), List.of());
    }

    /** Takes what the warehouse can send out of `left`, SKU by SKU in the order of the lines. */
    private static Map<String, Integer> take(Candidate candidate, Map<String, Integer> left) {
        long free = candidate.free;
        Map<String, Integer> taken = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> each : List.copyOf(left.entrySet())) {
            String sku = each.getKey();
            int quantity = each.getValue();
            int units = (int) Math.min(Math.min(quantity, candidate.sells.getOrDefault(sku, 0)), free);
            if (units == 0) {
                continue;
            }
            free -= units;
            taken.put(sku, units);
            if (units == quantity) {
                left.remove(sku);
            } else {
                left.put(sku, quantity - units);
            }
        }
        return taken;
    }

    /** Hands the units taken per warehouse and SKU to the lines, in order. */
    private static List<PlannedPart> parts(List<Need> needs, Map<String, Map<String, Integer>> taken) {
        List<PlannedPart> parts = new ArrayList<>();
        for (Need need : needs) {
            int quantity = need.quantity();
            for (Map.Entry<String, Map<String, Integer>> each : taken.entrySet()) {
                int share = Math.min(quantity, each.getValue().getOrDefault(need.sku(), 0));
                if (share > 0) {
                    parts.add(new PlannedPart(need.lineNo(), need.sku(), each.getKey(), share));
                    each.getValue().merge(need.sku(), -share, Integer::sum);
                    quantity -= share;
                }
            }
        }
        return parts;
    }

    /** Why each warehouse sends or does not, the chosen first, then those that would cover most. */
    private static List<Considered> considered(List<Candidate> candidates, int total, Map<String, String> chosen) {
        candidates.sort(Comparator.comparing((Candidate each) -> !chosen.containsKey(each.name))
                .thenComparingInt(each -> -each.covers)
                .thenComparing(NEAREST));
        List<Considered> rows = new ArrayList<>(candidates.size());
        for (Candidate each : candidates) {
            Considered row = new Considered();
            row.warehouse = each.name;
            row.covers = each.covers;
            row.distanceKm = Double.isInfinite(each.distance) ? null : (Double) each.distance;
            row.openUnits = each.openUnits;
            row.chosen = chosen.containsKey(each.name);
            row.reason = row.chosen ? chosen.get(each.name) : each.reason.isEmpty() ? whyNot(each, total, chosen) : each.reason;
            rows.add(row);
        }
        return rows;
    }

    private static String whyNot(Candidate candidate, int total, Map<String, String> chosen) {
        if (candidate.covers == 0) {
            return "nothing of this order to sell";
        }
        if (chosen.isEmpty()) {
            return "covers a part, and the rest is nowhere";
        }
        if (candidate.covers == total) {
            return "covers the whole order, but a nearer one does too";
        }
        return chosen.size() == 1 ? "covers only a part" : "adds less than the chosen ones";
    }
}
