-- The order's facts: who sends a line and what became of it, receivers abroad and in companies, after-sales, returns, bundles.
-- Rows that stand already get what earlier versions of their records mean.

ALTER TABLE orders
    ADD COLUMN not_before timestamptz,
    ADD COLUMN collect_minor bigint;
COMMENT ON COLUMN orders.not_before IS 'Not to be sent, nor reserved, before this time; null when it may be at once.';
COMMENT ON COLUMN orders.collect_minor IS 'Cash on delivery: what the carrier collects, in minor units; null when it is paid another way.';

ALTER TABLE order_receivers
    ADD COLUMN town text NOT NULL DEFAULT '',
    ADD COLUMN company text NOT NULL DEFAULT '',
    ADD COLUMN phone_extension text NOT NULL DEFAULT '',
    ADD COLUMN forms jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN order_receivers.town IS 'Personal: town or street below the district; empty when the platform names none.';
COMMENT ON COLUMN order_receivers.company IS 'Personal: company of the receiver; empty for none.';
COMMENT ON COLUMN order_receivers.phone_extension IS 'Personal: extension of a privacy number; empty for none.';
COMMENT ON COLUMN order_receivers.forms IS 'Which of name, phone and address are not plain: cipher, masked or privacy, by column.';

ALTER TABLE order_lines
    ADD COLUMN shipped_quantity integer NOT NULL DEFAULT 0,
    ADD COLUMN cancelled_quantity integer NOT NULL DEFAULT 0,
    ADD COLUMN asked_back_quantity integer NOT NULL DEFAULT 0,
    ADD COLUMN sent_by text NOT NULL DEFAULT 'MERCHANT',
    ADD COLUMN sender text NOT NULL DEFAULT '',
    ADD COLUMN bundle_line_no text NOT NULL DEFAULT '';
COMMENT ON COLUMN order_lines.quantity IS 'Units ordered now, after edits and before cancellations.';
COMMENT ON COLUMN order_lines.returned_quantity IS 'Units that came back as the platform shows it, cumulative.';
COMMENT ON COLUMN order_lines.shipped_quantity IS 'Units that have left as the platform shows it, whoever sent them.';
COMMENT ON COLUMN order_lines.cancelled_quantity IS 'Units that will never be sent.';
COMMENT ON COLUMN order_lines.asked_back_quantity IS 'Units that an open after-sale is about.';
COMMENT ON COLUMN order_lines.sent_by IS 'MERCHANT, PLATFORM, SUPPLIER, SERVICE or NOBODY.';
COMMENT ON COLUMN order_lines.sender IS 'Who that is, as the platform names it; for NOBODY why.';
COMMENT ON COLUMN order_lines.bundle_line_no IS 'The platform''s line that this one is a part of; empty for a line of its own.';

ALTER TABLE allocations ADD COLUMN collect_minor bigint;
COMMENT ON COLUMN allocations.collect_minor IS 'Cash on delivery: what the carriers collect in all, in minor units; null when it is paid another way.';

CREATE TABLE aftersales (
    order_id text,
    aftersale_id text,
    channel text NOT NULL,
    shop text NOT NULL,
    order_no text NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    platform_state text NOT NULL,
    before_shipping boolean,
    received boolean,
    currency text NOT NULL,
    amount_minor bigint,
    whole boolean,
    lines jsonb NOT NULL,
    reason_code text NOT NULL,
    reason_class text NOT NULL,
    tracking_no text NOT NULL,
    asked_at timestamptz,
    received_at timestamptz NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, aftersale_id)
);
-- What is open in a shop, oldest first.
CREATE INDEX aftersales_open ON aftersales (shop, asked_at) WHERE state = 'OPEN';
-- Why goods are asked back.
CREATE INDEX aftersales_reason ON aftersales (channel, reason_class, asked_at);
COMMENT ON TABLE aftersales IS 'After-sales as last accepted: one row each. They move no stock. In whose words is in aftersale_reasons.';
COMMENT ON COLUMN aftersales.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN aftersales.aftersale_id IS 'The platform''s id of it.';
COMMENT ON COLUMN aftersales.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN aftersales.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN aftersales.order_no IS 'Order number as the platform assigned it.';
COMMENT ON COLUMN aftersales.version IS 'The platform''s modified time, ms since the epoch; a newer one is an update.';
COMMENT ON COLUMN aftersales.kind IS 'REFUND, RETURN, EXCHANGE, PRICE_PROTECTION, RESEND, REPAIR or OTHER.';
COMMENT ON COLUMN aftersales.state IS 'OPEN, DONE or CLOSED.';
COMMENT ON COLUMN aftersales.platform_state IS 'Where it stands in the platform''s own words.';
COMMENT ON COLUMN aftersales.before_shipping IS 'Whether the goods had not left when it was asked for; null when the platform does not say.';
COMMENT ON COLUMN aftersales.received IS 'Whether the buyer has the goods, as the buyer says; null when not said.';
COMMENT ON COLUMN aftersales.currency IS 'ISO 4217 code of the amount.';
COMMENT ON COLUMN aftersales.amount_minor IS 'What is paid back, in minor units; null when not known.';
COMMENT ON COLUMN aftersales.whole IS 'Whether that is the whole price of its units; null when not known.';
COMMENT ON COLUMN aftersales.lines IS 'Units it is about: line_no, sku, quantity; empty where the platform names none.';
COMMENT ON COLUMN aftersales.reason_code IS 'The platform''s code of the reason; empty when it has none.';
COMMENT ON COLUMN aftersales.reason_class IS 'NOT_RECEIVED, LATE, LOST, DAMAGED, WRONG_PARCEL, GOODS, BUYER or OTHER; the first five are logistics.';
COMMENT ON COLUMN aftersales.tracking_no IS 'Waybill number of the way back; empty when none is known.';
COMMENT ON COLUMN aftersales.asked_at IS 'When it was asked for; null when the platform does not say.';
COMMENT ON COLUMN aftersales.received_at IS 'When a connector received it.';
COMMENT ON COLUMN aftersales.source_topic IS 'Topic of the channel event it was read from.';
COMMENT ON COLUMN aftersales.source_partition IS 'Partition of the channel event it was read from.';
COMMENT ON COLUMN aftersales.source_offset IS 'Offset of the channel event it was read from.';
COMMENT ON COLUMN aftersales.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN aftersales.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE aftersale_reasons (
    order_id text,
    aftersale_id text,
    shop text NOT NULL,
    reason text NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, aftersale_id)
);
COMMENT ON TABLE aftersale_reasons IS 'Why, in the buyer''s words: personal, apart from aftersales so that it can be granted, and deleted, on its own.';
COMMENT ON COLUMN aftersale_reasons.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN aftersale_reasons.aftersale_id IS 'The platform''s id of the after-sale.';
COMMENT ON COLUMN aftersale_reasons.shop IS 'Shop of the channel the order was placed in; decides who may see the row.';
COMMENT ON COLUMN aftersale_reasons.reason IS 'Personal: why, as the buyer or the platform put it.';
COMMENT ON COLUMN aftersale_reasons.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN aftersale_reasons.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE returned_goods (
    order_id text,
    return_id text,
    position integer,
    shipment_id text NOT NULL,
    warehouse text NOT NULL,
    line_no text NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    grade text NOT NULL,
    received_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id, return_id, position)
);
-- What came back of a SKU.
CREATE INDEX returned_goods_sku ON returned_goods (sku, received_at);
COMMENT ON TABLE returned_goods IS 'Goods counted when they came back to a warehouse: one row a SKU and condition.';
COMMENT ON COLUMN returned_goods.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN returned_goods.return_id IS 'Id of the receipt, unique per order.';
COMMENT ON COLUMN returned_goods.position IS 'Place in the receipt, from 0.';
COMMENT ON COLUMN returned_goods.shipment_id IS 'Shipment they had left with; empty when the warehouse does not know.';
COMMENT ON COLUMN returned_goods.warehouse IS 'Warehouse they are at now, by its code.';
COMMENT ON COLUMN returned_goods.line_no IS 'Line of the order; empty when the warehouse knows the SKU alone.';
COMMENT ON COLUMN returned_goods.sku IS 'Stock keeping unit, as the merchant codes it on every channel.';
COMMENT ON COLUMN returned_goods.quantity IS 'Units counted.';
COMMENT ON COLUMN returned_goods.grade IS 'SELLABLE or DEFECTIVE.';
COMMENT ON COLUMN returned_goods.received_at IS 'When it was counted, by the WMS''s clock.';
COMMENT ON COLUMN returned_goods.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN returned_goods.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

CREATE TABLE bundles (
    sku text,
    parts jsonb NOT NULL,
    version bigint NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (sku)
);
COMMENT ON TABLE bundles IS 'Combined goods and their parts, as last set: one row each.';
COMMENT ON COLUMN bundles.sku IS 'Stock keeping unit the listing bears.';
COMMENT ON COLUMN bundles.parts IS 'What is in it: sku and quantity; empty: no bundle any more.';
COMMENT ON COLUMN bundles.version IS 'Number of the version, from 1.';
COMMENT ON COLUMN bundles.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN bundles.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
