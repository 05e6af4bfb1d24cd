-- Cash on delivery: over all parcels of an order the amount is collected once.
ALTER TABLE allocation_parts ADD COLUMN collect_minor bigint;
COMMENT ON COLUMN allocation_parts.collect_minor IS 'Cash on delivery: what the carrier collects for these units, in minor units; null when it is paid another way, or was not shared.';
COMMENT ON COLUMN allocations.collect_minor IS 'Cash on delivery: what the carriers collect for its parts in all, in minor units, without what left before; null when it is paid another way.';
