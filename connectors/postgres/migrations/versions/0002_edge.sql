-- The edge: tracking numbers on their way back to the platforms, orders compared with their channels, parcels on their way.

CREATE TABLE writebacks (
    order_id text,
    shipment_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    warehouse text NOT NULL,
    carrier text NOT NULL,
    tracking_no text NOT NULL,
    phase text NOT NULL,
    attempt integer NOT NULL,
    requests integer NOT NULL,
    outcome text,
    code text NOT NULL,
    reason text NOT NULL,
    ship_by timestamptz NOT NULL,
    shipped_at timestamptz NOT NULL,
    next_at timestamptz,
    changed_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, shipment_id)
);
-- What is open, most urgent first.
CREATE INDEX writebacks_open ON writebacks (ship_by) WHERE phase NOT IN ('WRITTEN', 'ABANDONED');
-- Dead ones of a channel by their outcome.
CREATE INDEX writebacks_dead ON writebacks (channel, outcome, changed_at) WHERE phase = 'DEAD';
-- How a shop's parcels of a day fared.
CREATE INDEX writebacks_shop_shipped ON writebacks (shop, shipped_at);
-- By waybill, as a customer or carrier quotes it.
CREATE INDEX writebacks_tracking ON writebacks (tracking_no);
COMMENT ON TABLE writebacks IS 'Parcels and where their writeback stands: one row each.';
COMMENT ON COLUMN writebacks.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN writebacks.shipment_id IS 'Id of the shipment, unique per order.';
COMMENT ON COLUMN writebacks.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN writebacks.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN writebacks.warehouse IS 'Warehouse it left, by its code.';
COMMENT ON COLUMN writebacks.carrier IS 'Carrier code, e.g. SF.';
COMMENT ON COLUMN writebacks.tracking_no IS 'Waybill number; empty while one is to be obtained.';
COMMENT ON COLUMN writebacks.phase IS 'WAITING, REQUESTED, RETRYING, WRITTEN, DEAD or ABANDONED.';
COMMENT ON COLUMN writebacks.attempt IS 'Attempts since it was first submitted or last redriven.';
COMMENT ON COLUMN writebacks.requests IS 'Submissions in all.';
COMMENT ON COLUMN writebacks.outcome IS 'Of the last submission: SHIPPED, ALREADY_SHIPPED, RETRYABLE, NUMBER_WRONG, CARRIER_WRONG, REQUEST_WRONG or ORDER_FORBIDS; null before the first answer.';
COMMENT ON COLUMN writebacks.code IS 'The platform''s own code of the last answer; empty when there is none.';
COMMENT ON COLUMN writebacks.reason IS 'Why it stands there, in words; empty when the phase says all.';
COMMENT ON COLUMN writebacks.ship_by IS 'Until when the platform must know the number.';
COMMENT ON COLUMN writebacks.shipped_at IS 'When the parcel left the warehouse.';
COMMENT ON COLUMN writebacks.next_at IS 'When it is tried again; null when it is not.';
COMMENT ON COLUMN writebacks.changed_at IS 'When it came to stand there.';
COMMENT ON COLUMN writebacks.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN writebacks.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE writeback_events (
    logged_at timestamptz,
    log_topic text,
    log_partition integer,
    log_offset bigint,
    order_id text NOT NULL,
    channel text NOT NULL,
    shop text,
    shipment_id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    status text,
    request_id text,
    attempt integer,
    code text,
    reason text,
    carrier text,
    tracking_no text,
    done_by text,
    PRIMARY KEY (logged_at, log_topic, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE writeback_events_default PARTITION OF writeback_events DEFAULT;
-- One order's parcels.
CREATE INDEX writeback_events_order ON writeback_events (order_id, at);
COMMENT ON TABLE writeback_events IS 'Every step of every writeback: one row a record.';
COMMENT ON COLUMN writeback_events.logged_at IS 'Time of the record in Kafka.';
COMMENT ON COLUMN writeback_events.log_topic IS 'Topic of the record this row was made from.';
COMMENT ON COLUMN writeback_events.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN writeback_events.log_offset IS 'Offset of the record this row was made from.';
COMMENT ON COLUMN writeback_events.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN writeback_events.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN writeback_events.shop IS 'Shop of the channel; null where the record does not say.';
COMMENT ON COLUMN writeback_events.shipment_id IS 'Id of the shipment, unique per order.';
COMMENT ON COLUMN writeback_events.kind IS 'WritebackChanged, WritebackDeadlineNear, WritebackRequest, WritebackResult or WritebackCommand.';
COMMENT ON COLUMN writeback_events.at IS 'When it was decided, answered or commanded.';
COMMENT ON COLUMN writeback_events.status IS 'The phase, the outcome of an answer, or what an operator decided; null for a request.';
COMMENT ON COLUMN writeback_events.request_id IS 'The submission it is about, shipment_id#n; null where it is about none.';
COMMENT ON COLUMN writeback_events.attempt IS 'Attempts so far, or the number of this one; null where the record has none.';
COMMENT ON COLUMN writeback_events.code IS 'The platform''s own code; null when there is none.';
COMMENT ON COLUMN writeback_events.reason IS 'Why, in words; null when there is nothing to say.';
COMMENT ON COLUMN writeback_events.carrier IS 'Carrier code; null when there is none.';
COMMENT ON COLUMN writeback_events.tracking_no IS 'Waybill number; null when there is none.';
COMMENT ON COLUMN writeback_events.done_by IS 'Account of the operator, or system; null where nobody drove it.';

CREATE TABLE dead_writebacks (
    order_id text,
    shipment_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    order_no text NOT NULL,
    warehouse text NOT NULL,
    carrier text NOT NULL,
    tracking_no text NOT NULL,
    attempts integer NOT NULL,
    outcome text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    ship_by timestamptz NOT NULL,
    died_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, shipment_id)
);
-- Why writebacks of a channel fail.
CREATE INDEX dead_writebacks_channel ON dead_writebacks (channel, outcome, died_at);
COMMENT ON TABLE dead_writebacks IS 'Parcels whose writeback was given up, as last given up: one row each. Whether it still is, is in writebacks.';
COMMENT ON COLUMN dead_writebacks.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN dead_writebacks.shipment_id IS 'Id of the shipment, unique per order.';
COMMENT ON COLUMN dead_writebacks.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN dead_writebacks.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN dead_writebacks.order_no IS 'Order number as the platform assigned it.';
COMMENT ON COLUMN dead_writebacks.warehouse IS 'Warehouse it left, by its code.';
COMMENT ON COLUMN dead_writebacks.carrier IS 'Carrier code, e.g. SF.';
COMMENT ON COLUMN dead_writebacks.tracking_no IS 'Waybill number.';
COMMENT ON COLUMN dead_writebacks.attempts IS 'Attempts it took.';
COMMENT ON COLUMN dead_writebacks.outcome IS 'The last answer.';
COMMENT ON COLUMN dead_writebacks.code IS 'The platform''s own code; empty when there is none.';
COMMENT ON COLUMN dead_writebacks.reason IS 'Why, in words, with the fix where one is known.';
COMMENT ON COLUMN dead_writebacks.ship_by IS 'Until when the platform must know the number.';
COMMENT ON COLUMN dead_writebacks.died_at IS 'When it was given up.';
COMMENT ON COLUMN dead_writebacks.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN dead_writebacks.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE channel_checks (
    checked_at timestamptz,
    check_id text,
    order_id text NOT NULL,
    channel text NOT NULL,
    shop text NOT NULL,
    about text NOT NULL,
    hub_status text NOT NULL,
    platform_status text NOT NULL,
    agrees boolean NOT NULL,
    healed boolean NOT NULL,
    reason text NOT NULL,
    occurred_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (checked_at, check_id)
) PARTITION BY RANGE (checked_at);
CREATE TABLE channel_checks_default PARTITION OF channel_checks DEFAULT;
-- An order's checks.
CREATE INDEX channel_checks_order ON channel_checks (order_id, checked_at);
-- Where hub and channel drift apart.
CREATE INDEX channel_checks_drift ON channel_checks (channel, checked_at) WHERE NOT agrees;
COMMENT ON TABLE channel_checks IS 'Orders compared with their channel: one row a check.';
COMMENT ON COLUMN channel_checks.checked_at IS 'When hub and channel were compared.';
COMMENT ON COLUMN channel_checks.check_id IS 'Id of the check.';
COMMENT ON COLUMN channel_checks.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN channel_checks.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN channel_checks.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN channel_checks.about IS 'PAYMENT and SHIPMENT confirm a key event, DRIFT was found by an incremental pull.';
COMMENT ON COLUMN channel_checks.hub_status IS 'What the hub knew; UNKNOWN for an order it had never seen.';
COMMENT ON COLUMN channel_checks.platform_status IS 'What the channel said, in the hub''s words.';
COMMENT ON COLUMN channel_checks.agrees IS 'Whether both said the same.';
COMMENT ON COLUMN channel_checks.healed IS 'Whether the channel''s snapshot was sent in, so that the hub will say the same.';
COMMENT ON COLUMN channel_checks.reason IS 'The difference in words; empty when they agree.';
COMMENT ON COLUMN channel_checks.occurred_at IS 'When the channel changed it.';
COMMENT ON COLUMN channel_checks.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN channel_checks.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE logistics_traces (
    occurred_at timestamptz,
    trace_id text,
    order_id text NOT NULL,
    shipment_id text NOT NULL,
    carrier text NOT NULL,
    tracking_no text NOT NULL,
    state text NOT NULL,
    text text NOT NULL,
    provider text NOT NULL,
    received_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (occurred_at, trace_id)
) PARTITION BY RANGE (occurred_at);
CREATE TABLE logistics_traces_default PARTITION OF logistics_traces DEFAULT;
-- An order's parcels, step by step.
CREATE INDEX logistics_traces_order ON logistics_traces (order_id, occurred_at);
-- Parcels in trouble, newest last.
CREATE INDEX logistics_traces_problems ON logistics_traces (occurred_at) WHERE state IN ('PROBLEM', 'RETURNING');
COMMENT ON TABLE logistics_traces IS 'Parcels'' ways, step by step: one row each.';
COMMENT ON COLUMN logistics_traces.occurred_at IS 'When the step happened, by the provider''s clock.';
COMMENT ON COLUMN logistics_traces.trace_id IS 'Id of the step: told again it has the same.';
COMMENT ON COLUMN logistics_traces.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN logistics_traces.shipment_id IS 'Id of the shipment, unique per order.';
COMMENT ON COLUMN logistics_traces.carrier IS 'Carrier code, e.g. SF.';
COMMENT ON COLUMN logistics_traces.tracking_no IS 'Waybill number.';
COMMENT ON COLUMN logistics_traces.state IS 'Where the parcel is: COLLECTED, IN_TRANSIT, DELIVERING, SIGNED, PROBLEM, RETURNING and others.';
COMMENT ON COLUMN logistics_traces.text IS 'Personal: the provider''s words, which may name a courier or a place.';
COMMENT ON COLUMN logistics_traces.provider IS 'Who told it, e.g. kuaidi100.';
COMMENT ON COLUMN logistics_traces.received_at IS 'When the hub received it.';
COMMENT ON COLUMN logistics_traces.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN logistics_traces.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

SELECT make_month_partitions(current_date, (current_date + interval '3 months')::date);
