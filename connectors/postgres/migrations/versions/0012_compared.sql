-- Two versions of a rule document on the same order and the same facts: what stands, and what is tried in the shadow or on a share.

CREATE TABLE compared_decisions (
    at timestamptz,
    order_id text,
    attempt integer,
    role text,
    channel text NOT NULL,
    shop text NOT NULL,
    order_version bigint NOT NULL,
    document text NOT NULL,
    trial_began timestamptz,
    effect text NOT NULL,
    currency text NOT NULL,
    equal boolean NOT NULL,
    stands_version bigint,
    stands_outcome text NOT NULL,
    stands_warehouses text[] NOT NULL,
    stands_freight_minor bigint,
    stands_arrival_minutes bigint,
    stands_backordered integer NOT NULL,
    stands_over_capacity integer NOT NULL,
    stands_below_safety integer NOT NULL,
    stands_error text NOT NULL,
    stands_micros bigint,
    stands_trace jsonb,
    tried_version bigint,
    tried_outcome text NOT NULL,
    tried_warehouses text[] NOT NULL,
    tried_freight_minor bigint,
    tried_arrival_minutes bigint,
    tried_backordered integer NOT NULL,
    tried_over_capacity integer NOT NULL,
    tried_below_safety integer NOT NULL,
    tried_error text NOT NULL,
    tried_micros bigint,
    tried_trace jsonb,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (at, order_id, attempt, role)
) PARTITION BY RANGE (at);
CREATE TABLE compared_decisions_default PARTITION OF compared_decisions DEFAULT;
-- What was decided otherwise of a document, newest last.
CREATE INDEX compared_decisions_otherwise ON compared_decisions (document, at) WHERE NOT equal;
-- One order's.
CREATE INDEX compared_decisions_order ON compared_decisions (order_id, at);
COMMENT ON TABLE compared_decisions IS 'What versions of the rules that are tried make of orders, beside what stands: one row an attempt and version.';
COMMENT ON COLUMN compared_decisions.at IS 'When it was planned.';
COMMENT ON COLUMN compared_decisions.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN compared_decisions.attempt IS 'Number of the attempt whose first plan was compared.';
COMMENT ON COLUMN compared_decisions.role IS 'SHADOW or SHARE: what the version that is tried was released for.';
COMMENT ON COLUMN compared_decisions.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN compared_decisions.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN compared_decisions.order_version IS 'Version of the order that was decided about.';
COMMENT ON COLUMN compared_decisions.document IS 'rules/name, the document that both are versions of.';
COMMENT ON COLUMN compared_decisions.trial_began IS 'When the trial began; null: it is in the shadow, or it began before this was noted.';
COMMENT ON COLUMN compared_decisions.effect IS 'STANDS, TRIED or NEITHER: which of the two the order went by.';
COMMENT ON COLUMN compared_decisions.currency IS 'ISO 4217, of freight.';
COMMENT ON COLUMN compared_decisions.equal IS 'Whether the same pieces come from the same warehouses.';
COMMENT ON COLUMN compared_decisions.stands_version IS 'What stands without the trial: number of the version; null: the built-in rule.';
COMMENT ON COLUMN compared_decisions.stands_outcome IS 'What stands without the trial: ALLOCATED, BACKORDERED, UNDECIDED (it cannot be used) or FAILED (it ended with an error).';
COMMENT ON COLUMN compared_decisions.stands_warehouses IS 'What stands without the trial: who sends, each once, by their codes: a parcel each.';
COMMENT ON COLUMN compared_decisions.stands_freight_minor IS 'What stands without the trial: freight of all parcels in minor units; null where it is not known of one.';
COMMENT ON COLUMN compared_decisions.stands_arrival_minutes IS 'What stands without the trial: from the decision until the last parcel arrives; null where it is not known of one.';
COMMENT ON COLUMN compared_decisions.stands_backordered IS 'What stands without the trial: pieces that wait: all of the order, or none.';
COMMENT ON COLUMN compared_decisions.stands_over_capacity IS 'What stands without the trial: pieces beyond what a warehouse may have open.';
COMMENT ON COLUMN compared_decisions.stands_below_safety IS 'What stands without the trial: pieces beyond what a warehouse may sell.';
COMMENT ON COLUMN compared_decisions.stands_error IS 'What stands without the trial: why it did not decide; empty: it did.';
COMMENT ON COLUMN compared_decisions.stands_micros IS 'What stands without the trial: how long it took, in microseconds as measured; null where it did not decide.';
COMMENT ON COLUMN compared_decisions.stands_trace IS 'What stands without the trial: why, where the two differ, as on the topic; null where they are equal.';
COMMENT ON COLUMN compared_decisions.tried_version IS 'The version that is tried: number of the version; null: the built-in rule.';
COMMENT ON COLUMN compared_decisions.tried_outcome IS 'The version that is tried: ALLOCATED, BACKORDERED, UNDECIDED (it cannot be used) or FAILED (it ended with an error).';
COMMENT ON COLUMN compared_decisions.tried_warehouses IS 'The version that is tried: who sends, each once, by their codes: a parcel each.';
COMMENT ON COLUMN compared_decisions.tried_freight_minor IS 'The version that is tried: freight of all parcels in minor units; null where it is not known of one.';
COMMENT ON COLUMN compared_decisions.tried_arrival_minutes IS 'The version that is tried: from the decision until the last parcel arrives; null where it is not known of one.';
COMMENT ON COLUMN compared_decisions.tried_backordered IS 'The version that is tried: pieces that wait: all of the order, or none.';
COMMENT ON COLUMN compared_decisions.tried_over_capacity IS 'The version that is tried: pieces beyond what a warehouse may have open.';
COMMENT ON COLUMN compared_decisions.tried_below_safety IS 'The version that is tried: pieces beyond what a warehouse may sell.';
COMMENT ON COLUMN compared_decisions.tried_error IS 'The version that is tried: why it did not decide; empty: it did.';
COMMENT ON COLUMN compared_decisions.tried_micros IS 'The version that is tried: how long it took, in microseconds as measured; null where it did not decide.';
COMMENT ON COLUMN compared_decisions.tried_trace IS 'The version that is tried: why, where the two differ, as on the topic; null where they are equal.';
COMMENT ON COLUMN compared_decisions.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN compared_decisions.log_offset IS 'Offset of the record this row was made from.';

SELECT make_month_partitions(current_date, (current_date + interval '3 months')::date);
