-- The hub's tables: what the topics say, for analysts, warehouses and operations staff.
--
-- Natural keys. Every row leads back to the record it was made from (log_partition, log_offset), which also keeps an older
-- record from replacing what a newer one said. Tables that grow without end are partitioned by month, with a default
-- partition so that nothing is refused. Personal data has tables of its own.

CREATE TABLE orders (
    order_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    order_no text NOT NULL,
    version bigint NOT NULL,
    platform_status text NOT NULL,
    hold_reason text,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    paid_at timestamptz,
    ship_by timestamptz,
    country text NOT NULL,
    province text NOT NULL,
    city text NOT NULL,
    received_at timestamptz NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id)
);
-- By number, as a customer quotes it.
CREATE INDEX orders_order_no ON orders (order_no);
-- Orders of a shop by day.
CREATE INDEX orders_shop_placed ON orders (shop, placed_at);
-- What is due to be shipped next.
CREATE INDEX orders_ship_by ON orders (ship_by) WHERE platform_status = 'PAID' AND ship_by IS NOT NULL;
COMMENT ON TABLE orders IS 'Accepted orders as last accepted: one row each. Where an order stands is in order_status; who receives it in order_receivers.';
COMMENT ON COLUMN orders.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN orders.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN orders.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN orders.order_no IS 'Order number as the platform assigned it.';
COMMENT ON COLUMN orders.version IS 'The platform''s modified time, ms since the epoch; a newer one is an update.';
COMMENT ON COLUMN orders.platform_status IS 'What the platform says: UNPAID, PAID, HOLD, SHIPPED or CANCELLED.';
COMMENT ON COLUMN orders.hold_reason IS 'Why the platform forbids shipping now; null unless platform_status is HOLD.';
COMMENT ON COLUMN orders.currency IS 'ISO 4217 code of every amount of the order.';
COMMENT ON COLUMN orders.total_minor IS 'What the buyer pays in all, in minor units (fen, cents).';
COMMENT ON COLUMN orders.placed_at IS 'When the buyer placed it.';
COMMENT ON COLUMN orders.paid_at IS 'When it was paid; null while unpaid.';
COMMENT ON COLUMN orders.ship_by IS 'The platform''s deadline to ship; null when it sets none.';
COMMENT ON COLUMN orders.country IS 'Receiver''s country, ISO 3166-1 alpha-2.';
COMMENT ON COLUMN orders.province IS 'Receiver''s province or state.';
COMMENT ON COLUMN orders.city IS 'Receiver''s city.';
COMMENT ON COLUMN orders.received_at IS 'When a connector received the channel event: latency is measured from here.';
COMMENT ON COLUMN orders.source_topic IS 'Topic of the channel event it was read from.';
COMMENT ON COLUMN orders.source_partition IS 'Partition of that channel event.';
COMMENT ON COLUMN orders.source_offset IS 'Offset of that channel event: leads back to the original bytes.';
COMMENT ON COLUMN orders.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN orders.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE order_receivers (
    order_id text,
    shop text NOT NULL,
    name text NOT NULL,
    phone text NOT NULL,
    district text NOT NULL,
    address text NOT NULL,
    postal_code text NOT NULL,
    oaid text,
    attributes jsonb NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id)
);
COMMENT ON TABLE order_receivers IS 'Whom and where to ship to: personal data, apart from orders so that it can be granted, and deleted, on its own. Deliberately without an index on any of it: nobody is looked up by phone or name here.';
COMMENT ON COLUMN order_receivers.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN order_receivers.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN order_receivers.name IS 'Personal: the receiver''s name as the platform gives it.';
COMMENT ON COLUMN order_receivers.phone IS 'Personal: phone number, possibly masked or a virtual number.';
COMMENT ON COLUMN order_receivers.district IS 'Personal: district or county; empty where there is none.';
COMMENT ON COLUMN order_receivers.address IS 'Personal: street address below the district.';
COMMENT ON COLUMN order_receivers.postal_code IS 'Personal: postal code; empty when not given.';
COMMENT ON COLUMN order_receivers.oaid IS 'Personal: the platform''s token for the encrypted receiver, needed to print a waybill; null where addresses are in clear.';
COMMENT ON COLUMN order_receivers.attributes IS 'Personal: further facts of the order by name (buyer''s remark, seller''s flag, custom fields).';
COMMENT ON COLUMN order_receivers.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN order_receivers.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE order_lines (
    order_id text,
    line_no text,
    position integer NOT NULL,
    shop text NOT NULL,
    sku text NOT NULL,
    title text NOT NULL,
    quantity integer NOT NULL,
    unit_price_minor bigint NOT NULL,
    returned_quantity integer NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, line_no)
);
-- Who ordered a SKU.
CREATE INDEX order_lines_sku ON order_lines (sku);
COMMENT ON TABLE order_lines IS 'Lines of goods of the order''s last accepted version: one row each.';
COMMENT ON COLUMN order_lines.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN order_lines.line_no IS 'The platform''s id of the line, unique within the order.';
COMMENT ON COLUMN order_lines.position IS 'Place among the order''s lines, from 0.';
COMMENT ON COLUMN order_lines.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN order_lines.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN order_lines.title IS 'Title of the goods as the buyer saw it.';
COMMENT ON COLUMN order_lines.quantity IS 'Units ordered, at least 1.';
COMMENT ON COLUMN order_lines.unit_price_minor IS 'Price of one unit in minor units of the order''s currency; 0 for a gift.';
COMMENT ON COLUMN order_lines.returned_quantity IS 'Units refunded or returned so far, cumulative.';
COMMENT ON COLUMN order_lines.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN order_lines.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE order_status (
    order_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    phase text NOT NULL,
    reason text NOT NULL,
    order_version bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id)
);
-- Orders of a shop by state and day.
CREATE INDEX order_status_shop_phase ON order_status (shop, phase, changed_at);
-- What waits longest in a phase that must not last.
CREATE INDEX order_status_waiting ON order_status (phase, changed_at) WHERE phase IN ('HELD', 'RESERVING', 'BACKORDERED');
COMMENT ON TABLE order_status IS 'Where each order stands in its allocation: one row each.';
COMMENT ON COLUMN order_status.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN order_status.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN order_status.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN order_status.phase IS 'UNPAID, HELD, RESERVING, ALLOCATED, BACKORDERED, CANCELLED or SHIPPED.';
COMMENT ON COLUMN order_status.reason IS 'Why, in words; empty when the phase says all.';
COMMENT ON COLUMN order_status.order_version IS 'Version of the order that was meant.';
COMMENT ON COLUMN order_status.changed_at IS 'When it entered the phase, or something was last noted in it.';
COMMENT ON COLUMN order_status.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN order_status.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE order_events (
    logged_at timestamptz,
    log_topic text,
    log_partition integer,
    log_offset bigint,
    order_id text NOT NULL,
    channel text NOT NULL,
    shop text,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    status text,
    reason text,
    order_version bigint,
    about text,
    done_by text,
    PRIMARY KEY (logged_at, log_topic, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE order_events_default PARTITION OF order_events DEFAULT;
-- One order's history.
CREATE INDEX order_events_order ON order_events (order_id, at);
COMMENT ON TABLE order_events IS 'Everything that happened to orders, one row a record: accepted, decided, released, shipped, changed phase, acted on by an operator, answered without effect.';
COMMENT ON COLUMN order_events.logged_at IS 'Time of the record in Kafka; partitions are by its month, UTC.';
COMMENT ON COLUMN order_events.log_topic IS 'Topic of the record this row was made from.';
COMMENT ON COLUMN order_events.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN order_events.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
COMMENT ON COLUMN order_events.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN order_events.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN order_events.shop IS 'Shop of the order; null where the record does not say it: orders does.';
COMMENT ON COLUMN order_events.kind IS 'Type of the record: Order, OrderAllocated, OrderStatusChanged, Shipped...';
COMMENT ON COLUMN order_events.at IS 'When it happened, as the record says.';
COMMENT ON COLUMN order_events.status IS 'What came of it: a phase, an answer, an action; null where the kind says all.';
COMMENT ON COLUMN order_events.reason IS 'Why, in words; null where none is given.';
COMMENT ON COLUMN order_events.order_version IS 'Version of the order that was meant; null where the record does not say it.';
COMMENT ON COLUMN order_events.about IS 'What it is about besides the order: a reservation, a shipment, a decision, a SKU; null when nothing.';
COMMENT ON COLUMN order_events.done_by IS 'Account of the operator; null when the system did it.';

CREATE TABLE reservations (
    reservation_id text,
    order_id text NOT NULL,
    sku text NOT NULL,
    warehouse text NOT NULL,
    quantity integer NOT NULL,
    state text NOT NULL,
    shortfall integer,
    changed_at timestamptz NOT NULL,
    command_id text NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (reservation_id)
);
-- An order's reservations.
CREATE INDEX reservations_order ON reservations (order_id);
-- What is reserved of a SKU, and where.
CREATE INDEX reservations_open ON reservations (sku, warehouse) INCLUDE (quantity) WHERE state = 'RESERVED';
COMMENT ON TABLE reservations IS 'Units promised to orders and how each promise ended: one row each. Answers to repeated commands change nothing and are in order_events.';
COMMENT ON COLUMN reservations.reservation_id IS 'order_id/attempt.round/line_no/warehouse: one reservation, resolved once.';
COMMENT ON COLUMN reservations.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN reservations.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN reservations.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN reservations.quantity IS 'Units reserved, or asked for when REJECTED.';
COMMENT ON COLUMN reservations.state IS 'RESERVED, REJECTED, COMMITTED (shipped), RELEASED or EXPIRED.';
COMMENT ON COLUMN reservations.shortfall IS 'Units asked for beyond what was sellable; null unless REJECTED.';
COMMENT ON COLUMN reservations.changed_at IS 'When it came into this state.';
COMMENT ON COLUMN reservations.command_id IS 'Command that brought it there.';
COMMENT ON COLUMN reservations.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN reservations.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE allocations (
    order_id text,
    attempt integer,
    channel text NOT NULL,
    shop text NOT NULL,
    order_version bigint NOT NULL,
    decision text NOT NULL,
    rounds integer NOT NULL,
    reason text,
    trace jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, attempt)
);
-- Decisions of a shop by day.
CREATE INDEX allocations_shop_decided ON allocations (shop, decided_at);
COMMENT ON TABLE allocations IS 'Decisions about orders, one row an attempt, with their trace. What is given back later is in allocation_releases.';
COMMENT ON COLUMN allocations.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN allocations.attempt IS 'Number of the attempt at allocating the order, from 1.';
COMMENT ON COLUMN allocations.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN allocations.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN allocations.order_version IS 'Version of the order that was meant.';
COMMENT ON COLUMN allocations.decision IS 'ALLOCATED or BACKORDERED.';
COMMENT ON COLUMN allocations.rounds IS 'Rounds of planning the attempt took, 1 to 3.';
COMMENT ON COLUMN allocations.reason IS 'Why it was given up for now; null when ALLOCATED.';
COMMENT ON COLUMN allocations.trace IS 'How it was decided, round by round: every warehouse considered, and what was rejected.';
COMMENT ON COLUMN allocations.received_at IS 'When a connector received the channel event: latency is measured from here.';
COMMENT ON COLUMN allocations.decided_at IS 'When it was decided: the time of the event that decided it.';
COMMENT ON COLUMN allocations.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN allocations.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE allocation_parts (
    order_id text,
    attempt integer,
    reservation_id text,
    shop text NOT NULL,
    line_no text NOT NULL,
    sku text NOT NULL,
    warehouse text NOT NULL,
    quantity integer NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, attempt, reservation_id)
);
COMMENT ON TABLE allocation_parts IS 'What ships from where: one row for each line, or share of a line, of an allocation.';
COMMENT ON COLUMN allocation_parts.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN allocation_parts.attempt IS 'Number of the attempt at allocating the order, from 1.';
COMMENT ON COLUMN allocation_parts.reservation_id IS 'order_id/attempt.round/line_no/warehouse: one reservation, resolved once.';
COMMENT ON COLUMN allocation_parts.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN allocation_parts.line_no IS 'The platform''s id of the line, unique within the order.';
COMMENT ON COLUMN allocation_parts.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN allocation_parts.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN allocation_parts.quantity IS 'Units to ship.';
COMMENT ON COLUMN allocation_parts.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN allocation_parts.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE backorders (
    order_id text,
    attempt integer,
    sku text,
    shop text NOT NULL,
    shortfall integer NOT NULL,
    decided_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, attempt, sku)
);
-- Who waits for a SKU, longest first.
CREATE INDEX backorders_sku ON backorders (sku, decided_at);
COMMENT ON TABLE backorders IS 'What backordered orders lack: one row for each SKU of an attempt that was backordered. Whether the order still waits is in order_status.';
COMMENT ON COLUMN backorders.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN backorders.attempt IS 'Number of the attempt at allocating the order, from 1.';
COMMENT ON COLUMN backorders.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN backorders.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN backorders.shortfall IS 'Units asked for beyond what was sellable, at least 1.';
COMMENT ON COLUMN backorders.decided_at IS 'When the order was backordered.';
COMMENT ON COLUMN backorders.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN backorders.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE allocation_releases (
    order_id text,
    attempt integer,
    channel text NOT NULL,
    shop text NOT NULL,
    reason text NOT NULL,
    reservation_ids text[] NOT NULL,
    decided_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, attempt)
);
COMMENT ON TABLE allocation_releases IS 'What was reserved, or asked for, and given back: one row an attempt.';
COMMENT ON COLUMN allocation_releases.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN allocation_releases.attempt IS 'Number of the attempt at allocating the order, from 1.';
COMMENT ON COLUMN allocation_releases.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN allocation_releases.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN allocation_releases.reason IS 'Why it was given back, in words.';
COMMENT ON COLUMN allocation_releases.reservation_ids IS 'Reservations a release was sent for.';
COMMENT ON COLUMN allocation_releases.decided_at IS 'When.';
COMMENT ON COLUMN allocation_releases.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN allocation_releases.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

-- A small table whose rows change with every order: room in its pages keeps its indexes out of that.
CREATE TABLE stock (
    sku text,
    warehouse text,
    version bigint NOT NULL,
    on_hand integer NOT NULL,
    reserved integer NOT NULL,
    safety_stock integer NOT NULL,
    open boolean NOT NULL,
    sellable bigint GENERATED ALWAYS AS (CASE WHEN open THEN greatest(0, on_hand::bigint - reserved - safety_stock) ELSE 0 END) STORED,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (sku, warehouse)
) WITH (fillfactor = 50);
-- What a warehouse holds.
CREATE INDEX stock_warehouse ON stock (warehouse);
COMMENT ON TABLE stock IS 'Balances: one row for each SKU and warehouse. Invariant: 0 <= reserved <= on_hand; not enforced here, so that a breach can be seen.';
COMMENT ON COLUMN stock.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN stock.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN stock.version IS 'Counts the SKU''s changes.';
COMMENT ON COLUMN stock.on_hand IS 'Units physically there.';
COMMENT ON COLUMN stock.reserved IS 'Units of on_hand promised to orders and not yet shipped.';
COMMENT ON COLUMN stock.safety_stock IS 'Units held back from sale; 0 switches the safety rule off.';
COMMENT ON COLUMN stock.open IS 'Whether sale is open: closed at or below safety stock.';
COMMENT ON COLUMN stock.sellable IS 'Units that can be sold now.';
COMMENT ON COLUMN stock.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN stock.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE stock_answers (
    logged_at timestamptz,
    log_partition integer,
    log_offset bigint,
    command_id text NOT NULL,
    order_id text,
    sku text NOT NULL,
    warehouse text NOT NULL,
    answer text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (logged_at, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE stock_answers_default PARTITION OF stock_answers DEFAULT;
-- What became of a command.
CREATE INDEX stock_answers_command ON stock_answers (command_id);
-- A SKU's movements.
CREATE INDEX stock_answers_sku ON stock_answers (sku, at);
COMMENT ON TABLE stock_answers IS 'Answers to what warehouses asked of stock (receive, adjust, restock, safety stock): one row each.';
COMMENT ON COLUMN stock_answers.logged_at IS 'Time of the record in Kafka; partitions are by its month, UTC.';
COMMENT ON COLUMN stock_answers.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN stock_answers.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
COMMENT ON COLUMN stock_answers.command_id IS 'Id of the command.';
COMMENT ON COLUMN stock_answers.order_id IS 'Order the command was about; null when none.';
COMMENT ON COLUMN stock_answers.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN stock_answers.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN stock_answers.answer IS 'APPLIED, ALREADY_APPLIED (a repetition) or REFUSED.';
COMMENT ON COLUMN stock_answers.reason IS 'Why it was refused; empty otherwise.';
COMMENT ON COLUMN stock_answers.at IS 'When it was decided.';

CREATE TABLE stock_alerts (
    logged_at timestamptz,
    log_partition integer,
    log_offset bigint,
    sku text NOT NULL,
    warehouse text NOT NULL,
    kind text NOT NULL,
    sellable integer NOT NULL,
    safety_stock integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (logged_at, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE stock_alerts_default PARTITION OF stock_alerts DEFAULT;
-- A SKU's alerts.
CREATE INDEX stock_alerts_sku ON stock_alerts (sku, at);
COMMENT ON TABLE stock_alerts IS 'Sale of a SKU at a warehouse closed or reopened at its safety stock: one row each time.';
COMMENT ON COLUMN stock_alerts.logged_at IS 'Time of the record in Kafka; partitions are by its month, UTC.';
COMMENT ON COLUMN stock_alerts.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN stock_alerts.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
COMMENT ON COLUMN stock_alerts.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN stock_alerts.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN stock_alerts.kind IS 'SALE_CLOSED or SALE_REOPENED.';
COMMENT ON COLUMN stock_alerts.sellable IS 'Units sellable after the change.';
COMMENT ON COLUMN stock_alerts.safety_stock IS 'Units held back from sale.';
COMMENT ON COLUMN stock_alerts.at IS 'When it was decided.';

CREATE TABLE duplicates (
    received_at timestamptz,
    source_topic text,
    source_partition integer,
    source_offset bigint,
    order_id text NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    first_topic text NOT NULL,
    first_partition integer NOT NULL,
    first_offset bigint NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (received_at, source_topic, source_partition, source_offset)
) PARTITION BY RANGE (received_at);
CREATE TABLE duplicates_default PARTITION OF duplicates DEFAULT;
-- An order's duplicates.
CREATE INDEX duplicates_order ON duplicates (order_id);
COMMENT ON TABLE duplicates IS 'Channel events recognised as nothing new: recorded, without effect.';
COMMENT ON COLUMN duplicates.received_at IS 'When a connector received the channel event: latency is measured from here.';
COMMENT ON COLUMN duplicates.source_topic IS 'Topic of the channel event it was read from.';
COMMENT ON COLUMN duplicates.source_partition IS 'Partition of that channel event.';
COMMENT ON COLUMN duplicates.source_offset IS 'Offset of that channel event: leads back to the original bytes.';
COMMENT ON COLUMN duplicates.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN duplicates.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN duplicates.kind IS 'EXACT repeats content already seen; STALE is older than what was seen.';
COMMENT ON COLUMN duplicates.version IS 'Version of the duplicate itself: the platform''s modified time, ms since the epoch.';
COMMENT ON COLUMN duplicates.first_topic IS 'Topic of the event it repeats or is older than.';
COMMENT ON COLUMN duplicates.first_partition IS 'Partition of that event.';
COMMENT ON COLUMN duplicates.first_offset IS 'Offset of that event.';
COMMENT ON COLUMN duplicates.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN duplicates.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE review_queue (
    record text,
    order_id text,
    channel text,
    shop text,
    order_no text,
    codes text[],
    reasons jsonb,
    received_at timestamptz,
    source_topic text,
    source_partition integer,
    source_offset bigint,
    log_partition integer,
    log_offset bigint,
    state text NOT NULL DEFAULT 'open',
    state_at timestamptz,
    state_by text,
    state_reason text,
    state_entry text,
    PRIMARY KEY (record)
);
-- Open reviews, oldest first.
CREATE INDEX review_queue_open ON review_queue (received_at) WHERE state = 'open';
-- Open reviews of a shop, oldest first.
CREATE INDEX review_queue_shop ON review_queue (shop, received_at) WHERE state = 'open';
-- An order's reviews.
CREATE INDEX review_queue_order ON review_queue (order_id);
COMMENT ON TABLE review_queue IS 'Channel events a person must look at: one row each. Its state comes from the audit trail, which may be read first: until the event itself is here, what tells of it is null.';
COMMENT ON COLUMN review_queue.record IS 'Name of the review on the command line: orders.review/partition@offset.';
COMMENT ON COLUMN review_queue.order_id IS 'Global unique order id, or the event''s raw key when the payload tells none.';
COMMENT ON COLUMN review_queue.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN review_queue.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN review_queue.order_no IS 'Order number as the platform assigned it.';
COMMENT ON COLUMN review_queue.codes IS 'Codes of the reasons, e.g. unknown_sku.';
COMMENT ON COLUMN review_queue.reasons IS 'Every reason found: code, field, value (personal data masked) and fix.';
COMMENT ON COLUMN review_queue.received_at IS 'When a connector received the channel event: latency is measured from here.';
COMMENT ON COLUMN review_queue.source_topic IS 'Topic of the channel event it was read from.';
COMMENT ON COLUMN review_queue.source_partition IS 'Partition of that channel event.';
COMMENT ON COLUMN review_queue.source_offset IS 'Offset of that channel event: leads back to the original bytes.';
COMMENT ON COLUMN review_queue.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN review_queue.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
COMMENT ON COLUMN review_queue.state IS 'open, resubmitted or discarded.';
COMMENT ON COLUMN review_queue.state_at IS 'When it came into that state; null while open.';
COMMENT ON COLUMN review_queue.state_by IS 'Account of the operator who did it; null while open.';
COMMENT ON COLUMN review_queue.state_reason IS 'Why, in the operator''s words; null while open.';
COMMENT ON COLUMN review_queue.state_entry IS 'Id of the audit entry; null while open.';

CREATE TABLE review_originals (
    record text,
    shop text NOT NULL,
    event bytea NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (record)
);
COMMENT ON TABLE review_originals IS 'The original events of reviews: personal data, apart from review_queue so that it can be granted, and deleted, on its own.';
COMMENT ON COLUMN review_originals.record IS 'Review it belongs to.';
COMMENT ON COLUMN review_originals.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN review_originals.event IS 'Personal: the whole original message value.';
COMMENT ON COLUMN review_originals.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN review_originals.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE shipments (
    order_id text,
    shipment_id text,
    warehouse text NOT NULL,
    carrier text NOT NULL,
    tracking_no text NOT NULL,
    shipped_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, shipment_id)
);
-- By waybill, as a customer or carrier quotes it.
CREATE INDEX shipments_tracking ON shipments (tracking_no);
-- What left a warehouse by day.
CREATE INDEX shipments_warehouse ON shipments (warehouse, shipped_at);
COMMENT ON TABLE shipments IS 'Parcels that left, as the warehouse last told it: one row each.';
COMMENT ON COLUMN shipments.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN shipments.shipment_id IS 'Id of the shipment, unique per order.';
COMMENT ON COLUMN shipments.warehouse IS 'Warehouse code, as in warehouses.';
COMMENT ON COLUMN shipments.carrier IS 'Carrier code, e.g. SF.';
COMMENT ON COLUMN shipments.tracking_no IS 'Waybill number.';
COMMENT ON COLUMN shipments.shipped_at IS 'When it left, by the warehouse''s clock.';
COMMENT ON COLUMN shipments.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN shipments.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE warehouses (
    warehouse text,
    name text NOT NULL,
    province text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    max_open_units bigint,
    enabled boolean NOT NULL,
    priority integer NOT NULL,
    version bigint NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (warehouse)
);
COMMENT ON TABLE warehouses IS 'Warehouses and their limits, as last set: one row each.';
COMMENT ON COLUMN warehouses.warehouse IS 'Warehouse code.';
COMMENT ON COLUMN warehouses.name IS 'Name for people.';
COMMENT ON COLUMN warehouses.province IS 'Province it stands in.';
COMMENT ON COLUMN warehouses.latitude IS 'Degrees north, WGS 84.';
COMMENT ON COLUMN warehouses.longitude IS 'Degrees east, WGS 84.';
COMMENT ON COLUMN warehouses.max_open_units IS 'Reserved units it can carry at a time; null unlimited.';
COMMENT ON COLUMN warehouses.enabled IS 'Whether plans may use it.';
COMMENT ON COLUMN warehouses.priority IS 'Breaks ties between equally good warehouses: the lower number first.';
COMMENT ON COLUMN warehouses.version IS 'Counts changes of this row.';
COMMENT ON COLUMN warehouses.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN warehouses.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE audit (
    at timestamptz,
    entry_id text,
    correlation_id text NOT NULL,
    done_by text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    outcome text NOT NULL,
    details jsonb NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (at, entry_id)
) PARTITION BY RANGE (at);
CREATE TABLE audit_default PARTITION OF audit DEFAULT;
-- What was done to an order or record.
CREATE INDEX audit_subject ON audit (subject, at);
-- One undertaking.
CREATE INDEX audit_correlation ON audit (correlation_id);
COMMENT ON TABLE audit IS 'Who did what to which order or record, and why: one row an entry.';
COMMENT ON COLUMN audit.at IS 'When; partitions are by its month, UTC.';
COMMENT ON COLUMN audit.entry_id IS 'Id of the entry; a repetition is the same row.';
COMMENT ON COLUMN audit.correlation_id IS 'Common to the entries of one undertaking.';
COMMENT ON COLUMN audit.done_by IS 'Account of the operator, or system.';
COMMENT ON COLUMN audit.action IS 'area.verb, e.g. replay.started.';
COMMENT ON COLUMN audit.subject IS 'An order id, or a record as topic/partition@offset.';
COMMENT ON COLUMN audit.reason IS 'Why, in the operator''s words; empty where none was asked for.';
COMMENT ON COLUMN audit.outcome IS 'What came of it, e.g. done, refused.';
COMMENT ON COLUMN audit.details IS 'Everything else that tells the action apart.';
COMMENT ON COLUMN audit.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN audit.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE health_checks (
    checked_at timestamptz,
    interface text,
    kind text NOT NULL,
    healthy boolean NOT NULL,
    changed boolean NOT NULL,
    took_ms bigint NOT NULL,
    error text NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (checked_at, interface)
) PARTITION BY RANGE (checked_at);
CREATE TABLE health_checks_default PARTITION OF health_checks DEFAULT;
-- An interface's history, and its outages.
CREATE INDEX health_checks_changes ON health_checks (interface, checked_at) WHERE changed;
COMMENT ON TABLE health_checks IS 'Looks at interfaces: one row each.';
COMMENT ON COLUMN health_checks.checked_at IS 'When; partitions are by its month, UTC.';
COMMENT ON COLUMN health_checks.interface IS 'Its name as configured, e.g. kafka, channel.taobao.';
COMMENT ON COLUMN health_checks.kind IS 'How it is asked: kafka, postgres, http or tcp.';
COMMENT ON COLUMN health_checks.healthy IS 'It answered as it should.';
COMMENT ON COLUMN health_checks.changed IS 'It was otherwise at the look before, or this is the first.';
COMMENT ON COLUMN health_checks.took_ms IS 'From asking to the answer, or to giving up, in ms.';
COMMENT ON COLUMN health_checks.error IS 'What went wrong; empty when healthy.';
COMMENT ON COLUMN health_checks.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN health_checks.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE sink_positions (
    hub text,
    topic text,
    partition integer,
    position bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hub, topic, partition)
);
COMMENT ON TABLE sink_positions IS 'How far the sink has come in each partition; moves in the same transaction as the rows.';
COMMENT ON COLUMN sink_positions.hub IS 'Whose positions: one hub, with one log. A log made anew needs a database made anew.';
COMMENT ON COLUMN sink_positions.topic IS 'Topic.';
COMMENT ON COLUMN sink_positions.partition IS 'Partition.';
COMMENT ON COLUMN sink_positions.position IS 'Offset the sink goes on at: everything before it is in the tables.';
COMMENT ON COLUMN sink_positions.moved_at IS 'When it last moved.';

CREATE TABLE refused_rows (
    topic text,
    partition integer,
    log_offset bigint,
    logged_at timestamptz,
    key bytea,
    value bytea,
    error text NOT NULL,
    sqlstate text,
    refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, log_offset)
);
COMMENT ON TABLE refused_rows IS 'Records that have no row here, or whose rows the database refused: set aside one by one, the others went in.';
COMMENT ON COLUMN refused_rows.topic IS 'Topic of the record.';
COMMENT ON COLUMN refused_rows.partition IS 'Partition of the record.';
COMMENT ON COLUMN refused_rows.log_offset IS 'Offset of the record.';
COMMENT ON COLUMN refused_rows.logged_at IS 'Time of the record in Kafka; null when it has none that can be stored.';
COMMENT ON COLUMN refused_rows.key IS 'Key of the message; null when it has none.';
COMMENT ON COLUMN refused_rows.value IS 'Personal, perhaps: the original bytes of the message; null when it is a tombstone.';
COMMENT ON COLUMN refused_rows.error IS 'Why: field, value and fix.';
COMMENT ON COLUMN refused_rows.sqlstate IS 'Postgres'' code of the error; null when the record never reached it.';
COMMENT ON COLUMN refused_rows.refused_at IS 'When it was last refused.';

CREATE VIEW orders_now AS
SELECT o.order_id, o.channel, o.shop, o.order_no, s.phase, s.reason, s.changed_at, o.platform_status, o.currency, o.total_minor,
       o.placed_at, o.paid_at, o.ship_by, o.country, o.province, o.city, o.received_at
FROM orders o LEFT JOIN order_status s USING (order_id);
COMMENT ON VIEW orders_now IS 'Orders and where they stand; phase is null until the allocation has said something.';

COMMENT ON COLUMN orders_now.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN orders_now.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN orders_now.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN orders_now.order_no IS 'Order number as the platform assigned it.';
COMMENT ON COLUMN orders_now.phase IS 'As in order_status.';
COMMENT ON COLUMN orders_now.reason IS 'As in order_status.';
COMMENT ON COLUMN orders_now.changed_at IS 'As in order_status.';
COMMENT ON COLUMN orders_now.platform_status IS 'As in orders.';
COMMENT ON COLUMN orders_now.currency IS 'As in orders.';
COMMENT ON COLUMN orders_now.total_minor IS 'As in orders.';
COMMENT ON COLUMN orders_now.placed_at IS 'As in orders.';
COMMENT ON COLUMN orders_now.paid_at IS 'As in orders.';
COMMENT ON COLUMN orders_now.ship_by IS 'As in orders.';
COMMENT ON COLUMN orders_now.country IS 'As in orders.';
COMMENT ON COLUMN orders_now.province IS 'As in orders.';
COMMENT ON COLUMN orders_now.city IS 'As in orders.';
COMMENT ON COLUMN orders_now.received_at IS 'As in orders.';

-- Partitions for the months of a span; returns how many were made. A month that already has rows in the default
-- partition stays there. With its owner's rights: who writes rows need not own the tables.
CREATE FUNCTION make_month_partitions(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
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
        WHERE c.relnamespace = current_schema()::regnamespace
        ORDER BY c.relname
    LOOP
        FOR month IN SELECT generate_series(date_trunc('month', first), last, interval '1 month') LOOP
            child := format('%s_%s', parent.name, to_char(month, 'YYYY_MM'));
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1 AND %I < $2)', parent.name || '_default', parent.time_column, parent.time_column)
                INTO taken USING month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC';
            CONTINUE WHEN taken;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent.name,
                month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION make_month_partitions IS 'Makes the partitions of the months from first to last that are missing.';

SELECT make_month_partitions(current_date, (current_date + interval '3 months')::date);

COMMENT ON TABLE alembic_version IS 'Which migration the tables stand at; kept by penstock db migrate.';
COMMENT ON COLUMN alembic_version.version_num IS 'Number of the last migration that was run.';
