CREATE TABLE forgotten_persons (
    order_id text,
    done_by text NOT NULL,
    reason text NOT NULL,
    forgotten_at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (order_id)
);
COMMENT ON TABLE forgotten_persons IS 'Orders whose persons are forgotten: one row each. What tells of them is emptied, and is not written any more.';
COMMENT ON COLUMN forgotten_persons.order_id IS 'Global unique order id, channel:order_no.';
COMMENT ON COLUMN forgotten_persons.done_by IS 'Account of the operator.';
COMMENT ON COLUMN forgotten_persons.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN forgotten_persons.forgotten_at IS 'When it was decided.';
COMMENT ON COLUMN forgotten_persons.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN forgotten_persons.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';

COMMENT ON COLUMN review_queue.reasons IS 'Personal, perhaps: every reason found: code, field, value as it stood there, and fix.';
