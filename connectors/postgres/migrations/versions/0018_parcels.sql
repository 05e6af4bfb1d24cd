-- What is told to warehouses' systems and to the channels' shelves: where each delivery order stands, every step of it, and what each
-- shop shows of each SKU beside what it should.

CREATE TABLE deliveries (
    order_id text,
    delivery_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    warehouse text NOT NULL,
    phase text NOT NULL,
    progress text NOT NULL,
    attempt integer NOT NULL,
    outcome text,
    code text NOT NULL,
    reason text NOT NULL,
    ship_by timestamptz NOT NULL,
    next_at timestamptz,
    changed_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, delivery_id)
) WITH (fillfactor = 50);
-- The console's lists, of each shop by itself: what wants a person and what is open, the most urgent first; all, the newest first.
CREATE INDEX deliveries_dead ON deliveries (shop, ship_by) WHERE phase IN ('DEAD', 'TOO_LATE');
CREATE INDEX deliveries_open ON deliveries (shop, ship_by) WHERE phase NOT IN ('SHIPPED', 'CANCELLED', 'ELSEWHERE', 'ABANDONED');
CREATE INDEX deliveries_shop ON deliveries (shop, changed_at);
COMMENT ON TABLE deliveries IS 'Delivery orders told to warehouses'' systems, and where each stands: one row each.';
COMMENT ON COLUMN deliveries.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN deliveries.delivery_id IS 'Code of the delivery order, channel.order_no.attempt.warehouse: the same however often it is told.';
COMMENT ON COLUMN deliveries.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN deliveries.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN deliveries.warehouse IS 'Warehouse whose system is told, by its code.';
COMMENT ON COLUMN deliveries.phase IS 'WAITING, REQUESTED, RETRYING, CREATED, CANCELLING, CANCELLED, TOO_LATE (to be taken back: it had left), SHIPPED, ELSEWHERE (the warehouse has no system here), DEAD or ABANDONED.';
COMMENT ON COLUMN deliveries.progress IS 'What the system last said of it, in its own word, as PICK; empty for nothing.';
COMMENT ON COLUMN deliveries.attempt IS 'Attempts at what is being asked now.';
COMMENT ON COLUMN deliveries.outcome IS 'Of the last request: DONE, ALREADY, RETRYABLE, REFUSED, TOO_LATE or UNCONNECTED; null before the first answer.';
COMMENT ON COLUMN deliveries.code IS 'The system''s own code of the last answer; empty when there is none.';
COMMENT ON COLUMN deliveries.reason IS 'Why it stands there, in words; empty when the phase says all.';
COMMENT ON COLUMN deliveries.ship_by IS 'Until when it must have left.';
COMMENT ON COLUMN deliveries.next_at IS 'When it is tried again; null when it is not.';
COMMENT ON COLUMN deliveries.changed_at IS 'When it came to stand there.';
COMMENT ON COLUMN deliveries.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN deliveries.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE delivery_events (
    logged_at timestamptz,
    log_topic text,
    log_partition integer,
    log_offset bigint,
    order_id text NOT NULL,
    shop text,
    delivery_id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    status text,
    request_id text,
    attempt integer,
    code text,
    reason text,
    done_by text,
    PRIMARY KEY (logged_at, log_topic, log_partition, log_offset)
) PARTITION BY RANGE (logged_at);
CREATE TABLE delivery_events_default PARTITION OF delivery_events DEFAULT;
-- One order's delivery orders.
CREATE INDEX delivery_events_order ON delivery_events (order_id, at);
COMMENT ON TABLE delivery_events IS 'Every step of every delivery order: one row a record. Whom it goes to, and what a system sent, are not in it.';
COMMENT ON COLUMN delivery_events.logged_at IS 'Time of the record in Kafka.';
COMMENT ON COLUMN delivery_events.log_topic IS 'Topic of the record this row was made from.';
COMMENT ON COLUMN delivery_events.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN delivery_events.log_offset IS 'Offset of the record this row was made from.';
COMMENT ON COLUMN delivery_events.order_id IS 'Global unique order id, channel:order_no; of a report about none, the document it is about.';
COMMENT ON COLUMN delivery_events.shop IS 'Shop of the channel; null where the record does not say.';
COMMENT ON COLUMN delivery_events.delivery_id IS 'Code of the delivery order; empty for a report about none.';
COMMENT ON COLUMN delivery_events.kind IS 'DeliveryChanged, DeliveryRequest, DeliveryResult, DeliveryCommand, DeliveryDead or ReportSetAside.';
COMMENT ON COLUMN delivery_events.at IS 'When it was decided, asked, answered, commanded or set aside.';
COMMENT ON COLUMN delivery_events.status IS 'The phase, what was asked (CREATE, CANCEL), the outcome of an answer, what an operator decided, or the kind of a report.';
COMMENT ON COLUMN delivery_events.request_id IS 'The request it is about, delivery_id#n; of a report its own id; null where it is about none.';
COMMENT ON COLUMN delivery_events.attempt IS 'Attempts so far, or the number of this one; null where the record has none.';
COMMENT ON COLUMN delivery_events.code IS 'The system''s own code; null when there is none.';
COMMENT ON COLUMN delivery_events.reason IS 'Why, in words; null when there is nothing to say.';
COMMENT ON COLUMN delivery_events.done_by IS 'Account of the operator, or system; null where nobody drove it.';

CREATE TABLE listed_skus (
    sku text,
    places integer NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (sku)
) WITH (fillfactor = 50);
COMMENT ON TABLE listed_skus IS 'SKUs that shops show, or showed: one row each, which its rows in listings belong to.';
COMMENT ON COLUMN listed_skus.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN listed_skus.places IS 'How many entries of shops show it now.';
COMMENT ON COLUMN listed_skus.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN listed_skus.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE listings (
    sku text,
    place text,
    channel text NOT NULL,
    shop text NOT NULL,
    item text NOT NULL,
    variant text NOT NULL,
    location text NOT NULL,
    phase text NOT NULL,
    open boolean NOT NULL,
    wanted integer,
    told integer,
    seen integer,
    differs integer NOT NULL,
    attempt integer NOT NULL,
    outcome text,
    code text NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL,
    told_at timestamptz,
    seen_at timestamptz,
    next_at timestamptz,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (sku, place)
) WITH (fillfactor = 50);
-- The console's lists, of each shop by itself: what was given up and what is not as it should be, the longest first; all, the newest first.
CREATE INDEX listings_dead ON listings (shop, changed_at) WHERE phase = 'DEAD';
CREATE INDEX listings_different ON listings (shop, changed_at)
    WHERE phase <> 'SHOWN' OR wanted IS DISTINCT FROM told OR differs <> 0;
CREATE INDEX listings_shop ON listings (shop, changed_at);
COMMENT ON TABLE listings IS 'What each shop shows of each SKU, and should: one row an entry of a shop.';
COMMENT ON COLUMN listings.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN listings.place IS 'channel/shop/item/variant/location: one entry of a shop that shows the SKU.';
COMMENT ON COLUMN listings.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN listings.shop IS 'Shop of the channel, as the shops file calls it; decides who may see the row.';
COMMENT ON COLUMN listings.item IS 'The platform''s id of the item.';
COMMENT ON COLUMN listings.variant IS 'The platform''s id of the SKU; empty where the item has none.';
COMMENT ON COLUMN listings.location IS 'The platform''s id of the place; empty where it needs none.';
COMMENT ON COLUMN listings.phase IS 'UNKNOWN, WAITING, REQUESTED, RETRYING, SHOWN or DEAD.';
COMMENT ON COLUMN listings.open IS 'It is open: more than its threshold may be sold. Closed, it shows 0.';
COMMENT ON COLUMN listings.wanted IS 'Units it should show; null: not known.';
COMMENT ON COLUMN listings.told IS 'Units it is known to show; null: not known.';
COMMENT ON COLUMN listings.seen IS 'Units it showed when it was last asked; null: it never was, or was told another number since.';
COMMENT ON COLUMN listings.differs IS 'Units it showed beyond those it was told, then.';
COMMENT ON COLUMN listings.attempt IS 'Attempts at what it should show.';
COMMENT ON COLUMN listings.outcome IS 'Of the last answer: DONE, ALREADY, SUPERSEDED, RETRYABLE, HELD or REFUSED; null before the first.';
COMMENT ON COLUMN listings.code IS 'The platform''s own code of the last answer; empty when there is none.';
COMMENT ON COLUMN listings.reason IS 'Why it stands there, in words; empty when the phase says all.';
COMMENT ON COLUMN listings.changed_at IS 'Since when it should show what it should.';
COMMENT ON COLUMN listings.told_at IS 'Since when it is known to show what it shows; null: it was never told.';
COMMENT ON COLUMN listings.seen_at IS 'When it was last asked; null: never.';
COMMENT ON COLUMN listings.next_at IS 'When it is looked at next; null: when something happens.';
COMMENT ON COLUMN listings.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN listings.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

SELECT make_month_partitions(current_date, (current_date + interval '3 months')::date);
