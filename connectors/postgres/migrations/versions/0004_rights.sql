-- A function with its owner's rights must find nothing that its caller has put in the way: the system's catalogue first, the
-- caller's temporary objects last, and every name of ours with its schema (a schema may be open for others to make things in).
DO $outer$
BEGIN
    EXECUTE format($make$
        CREATE OR REPLACE FUNCTION make_month_partitions(first date, last date) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        DECLARE
            home CONSTANT text := %L;
            parent record;
            month date;
            child text;
            taken boolean;
            made integer := 0;
        BEGIN
            -- Two sinks at once.
            PERFORM pg_advisory_xact_lock(hashtext('penstock.make_month_partitions'));
            FOR parent IN
                SELECT c.relname AS name, a.attname AS time_column
                FROM pg_partitioned_table p
                JOIN pg_class c ON c.oid = p.partrelid
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
                WHERE c.relnamespace = quote_ident(home)::regnamespace
                ORDER BY c.relname
            LOOP
                FOR month IN SELECT generate_series(date_trunc('month', first), last, interval '1 month') LOOP
                    child := format('%%s_%%s', parent.name, to_char(month, 'YYYY_MM'));
                    CONTINUE WHEN to_regclass(format('%%I.%%I', home, child)) IS NOT NULL;
                    EXECUTE format('SELECT EXISTS (SELECT FROM %%I.%%I WHERE %%I >= $1 AND %%I < $2)',
                        home, parent.name || '_default', parent.time_column, parent.time_column)
                        INTO taken USING month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC';
                    CONTINUE WHEN taken;
                    EXECUTE format('CREATE TABLE %%I.%%I PARTITION OF %%I.%%I FOR VALUES FROM (%%L) TO (%%L)', home, child, home, parent.name,
                        month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
                    made := made + 1;
                END LOOP;
            END LOOP;
            RETURN made;
        END $body$
    $make$, current_schema());
END $outer$;

REVOKE ALL ON FUNCTION make_month_partitions(date, date) FROM PUBLIC;

-- Whoever could write orders before still makes their partitions.
DO $$
DECLARE
    writer record;
BEGIN
    FOR writer IN
        SELECT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.oid = 'orders'::regclass AND a.privilege_type = 'INSERT'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION make_month_partitions(date, date) TO %I', writer.rolname);
    END LOOP;
END $$;

COMMENT ON COLUMN refused_rows.key IS 'Personal, perhaps: key of the message; null when it has none.';
COMMENT ON COLUMN refused_rows.error IS 'Personal, perhaps: why: field, value and fix.';
