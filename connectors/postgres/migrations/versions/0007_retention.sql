CREATE TABLE personal_retention (
    kind text,
    kept_days integer NOT NULL,
    emptied bigint NOT NULL DEFAULT 0,
    looked_at timestamptz,
    PRIMARY KEY (kind)
);
COMMENT ON TABLE personal_retention IS 'For how long these tables keep what tells of persons: one row a kind. The sink sets it from PENSTOCK_TABLE_DAYS when it starts; whoever writes rows obeys it.';
COMMENT ON COLUMN personal_retention.kind IS 'receivers, reasons, traces, reviews or refused.';
COMMENT ON COLUMN personal_retention.kept_days IS 'Days after its end for which a row tells of a person; 0: for ever.';
COMMENT ON COLUMN personal_retention.emptied IS 'Rows that have been emptied so far because their time had passed.';
COMMENT ON COLUMN personal_retention.looked_at IS 'When all rows of the kind were last looked through; null: not since kept_days was set.';

-- Whoever writes orders by rights of its own, not by a role, reads and writes what every flush asks for, too.
DO $$
DECLARE
    writer record;
BEGIN
    FOR writer IN
        SELECT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.oid = 'orders'::regclass AND a.privilege_type = 'INSERT'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON forgotten_persons, personal_retention TO %I', writer.rolname);
    END LOOP;
END $$;
