-- Rules that look at freight or transit tables choose a carrier with the warehouse.
ALTER TABLE allocation_parts ADD COLUMN carrier text;
COMMENT ON COLUMN allocation_parts.carrier IS 'Carrier that the rule document chose for the warehouse, as its tables call it; null: none did, and the warehouse chooses.';
