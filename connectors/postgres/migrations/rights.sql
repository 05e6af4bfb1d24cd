-- What each of the hub's roles may do with the hub's relations (named in the settings penstock.relations and
-- penstock.access_relations), and nothing else. Run after every migration, by the relations' owner; a role that does not exist gets
-- nothing. Personal is what a column's comment calls so; penstock.closed names relations that the console does not read.
DO $$
DECLARE
    roles CONSTANT text[] := coalesce((SELECT array_agg(rolname::text) FROM pg_roles WHERE rolname IN
        ('penstock_sink', 'penstock_monitor', 'penstock_console', 'penstock_personal',
            'penstock_reveal', 'penstock_access')), '{}');
    access CONSTANT text[] := string_to_array(current_setting('penstock.access_relations'), ',');
    closed CONSTANT text[] := string_to_array(current_setting('penstock.closed'), ',');
    each_role text;
    relation record;
    open_columns text;
BEGIN
    FOR relation IN
        SELECT c.oid, c.oid::regclass AS name, c.relkind IN ('r', 'p') AS is_table, c.relname FROM pg_class c
        WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
            AND c.relname = ANY(string_to_array(current_setting('penstock.relations'), ',') || access)
    LOOP
        FOREACH each_role IN ARRAY roles LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %I', relation.name, each_role);
        END LOOP;
        IF relation.relname = ANY(access) THEN
            IF 'penstock_access' = ANY(roles) THEN
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO penstock_access', relation.name);
            END IF;
            CONTINUE;
        END IF;
        IF 'penstock_sink' = ANY(roles) AND relation.is_table THEN
            EXECUTE format('GRANT %s ON %s TO penstock_sink',
                CASE relation.relname WHEN 'alembic_version' THEN 'SELECT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END, relation.name);
        END IF;
        IF 'penstock_personal' = ANY(roles) THEN
            EXECUTE format('GRANT SELECT ON %s TO penstock_personal', relation.name);
        END IF;
        IF 'penstock_reveal' = ANY(roles) AND relation.relname IN ('order_receivers', 'review_queue', 'review_originals', 'orders') THEN
            EXECUTE format('GRANT SELECT ON %s TO penstock_reveal', relation.name);
        END IF;
        IF 'penstock_console' = ANY(roles) AND relation.relname <> ALL(closed) THEN
            SELECT string_agg(quote_ident(attname), ', ') INTO open_columns FROM pg_attribute
            WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
                AND coalesce(col_description(attrelid, attnum), 'Personal') NOT LIKE 'Personal%';
            EXECUTE format('GRANT SELECT (%s) ON %s TO penstock_console', open_columns, relation.name);
        END IF;
    END LOOP;
    IF 'penstock_sink' = ANY(roles) THEN
        GRANT EXECUTE ON FUNCTION make_month_partitions(date, date) TO penstock_sink;
    END IF;
    IF 'penstock_console' = ANY(roles) THEN
        -- How many, and by which of the database's codes: the weekly report counts them.
        GRANT SELECT (refused_at, sqlstate) ON refused_rows TO penstock_console;
    END IF;
    IF 'penstock_monitor' = ANY(roles) THEN
        GRANT SELECT ON alembic_version, sink_positions, personal_retention TO penstock_monitor;
        GRANT SELECT (topic, partition) ON refused_rows TO penstock_monitor;
    END IF;
END $$;
