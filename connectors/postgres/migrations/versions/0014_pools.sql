CREATE TABLE pools (
    sku text,
    version bigint NOT NULL,
    document text NOT NULL,
    pool text NOT NULL,
    cap integer NOT NULL,
    sold integer NOT NULL,
    frozen integer NOT NULL,
    waiting integer NOT NULL,
    sale_from timestamptz NOT NULL,
    sale_until timestamptz NOT NULL,
    closed boolean NOT NULL,
    quotas jsonb NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (sku)
) WITH (fillfactor = 50);
COMMENT ON TABLE pools IS 'What may be sold of a SKU before it is there: one row each. Invariant: 0 <= frozen <= sold <= cap; not enforced here, so that a breach can be seen.';
COMMENT ON COLUMN pools.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN pools.version IS 'Counts the SKU''s changes, as in stock.';
COMMENT ON COLUMN pools.document IS 'The document that set it, as kind/name.';
COMMENT ON COLUMN pools.pool IS 'The sale''s name.';
COMMENT ON COLUMN pools.cap IS 'Pieces that may be sold in all.';
COMMENT ON COLUMN pools.sold IS 'Pieces that orders have of it: frozen, at a warehouse for them, or sent.';
COMMENT ON COLUMN pools.frozen IS 'Of these, pieces whose goods are not there yet.';
COMMENT ON COLUMN pools.waiting IS 'Orders'' lines that wait for a piece.';
COMMENT ON COLUMN pools.sale_from IS 'Orders placed from then on are of the sale.';
COMMENT ON COLUMN pools.sale_until IS 'Orders placed before then are of the sale.';
COMMENT ON COLUMN pools.closed IS 'Whether the document has it no more: nothing new is frozen.';
COMMENT ON COLUMN pools.quotas IS 'Its parts: name, units, sold.';
COMMENT ON COLUMN pools.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN pools.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE pool_alerts (
    logged_at timestamptz,
    log_partition integer,
    log_offset bigint,
    sku text NOT NULL,
    pool text NOT NULL,
    kind text NOT NULL,
    cap integer NOT NULL,
    sold integer NOT NULL,
    frozen integer NOT NULL,
    waiting integer NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (logged_at, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE pool_alerts_default PARTITION OF pool_alerts DEFAULT;
-- A SKU's alerts.
CREATE INDEX pool_alerts_sku ON pool_alerts (sku, at);
COMMENT ON TABLE pool_alerts IS 'A pool was nearly sold out, sold out, has pieces again, or refused its document: one row each time.';
COMMENT ON COLUMN pool_alerts.logged_at IS 'Time of the record in Kafka; partitions are by its month, UTC.';
COMMENT ON COLUMN pool_alerts.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN pool_alerts.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
COMMENT ON COLUMN pool_alerts.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN pool_alerts.pool IS 'The sale''s name.';
COMMENT ON COLUMN pool_alerts.kind IS 'POOL_NEARLY_SOLD, POOL_SOLD_OUT, POOL_REOPENED or POOL_REFUSED.';
COMMENT ON COLUMN pool_alerts.cap IS 'Pieces that may be sold in all.';
COMMENT ON COLUMN pool_alerts.sold IS 'Pieces that orders have of it.';
COMMENT ON COLUMN pool_alerts.frozen IS 'Of these, pieces whose goods are not there yet.';
COMMENT ON COLUMN pool_alerts.waiting IS 'Orders'' lines that wait for a piece.';
COMMENT ON COLUMN pool_alerts.reason IS 'POOL_REFUSED: why, in words; else empty.';
COMMENT ON COLUMN pool_alerts.at IS 'When it was decided.';

SELECT make_month_partitions(current_date, (current_date + interval '3 months')::date);
