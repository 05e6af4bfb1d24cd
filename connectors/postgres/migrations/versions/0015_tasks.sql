CREATE TABLE tasks (
    task_id text,
    order_id text NOT NULL,
    channel text NOT NULL,
    shop text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    document text NOT NULL,
    flow_version integer NOT NULL,
    node text NOT NULL,
    reason text NOT NULL,
    role text NOT NULL,
    told_by text NOT NULL,
    text text NOT NULL,
    persons integer NOT NULL,
    not_by text NOT NULL,
    votes text[] NOT NULL,
    claimed_by text NOT NULL,
    answered_by text NOT NULL,
    because text NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    at timestamptz NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    PRIMARY KEY (task_id)
) WITH (fillfactor = 50);
-- What is asked now, the most urgent first; and an order's.
CREATE INDEX tasks_open ON tasks (due_at) WHERE state = 'OPEN';
CREATE INDEX tasks_order ON tasks (order_id);
COMMENT ON TABLE tasks IS 'What flows ask of persons, or have somebody told: one row a task, as it stands now.';
COMMENT ON COLUMN tasks.task_id IS 'order_id/node#number: another one each time the order comes to the node.';
COMMENT ON COLUMN tasks.order_id IS 'Global unique order id channel:order_no; key of every order topic.';
COMMENT ON COLUMN tasks.channel IS 'Sales channel: taobao, jd, pdd, douyin or shopify.';
COMMENT ON COLUMN tasks.shop IS 'Shop of the channel the order was placed in; decides who may see it.';
COMMENT ON COLUMN tasks.kind IS 'APPROVE: persons of a role say yes or no; HOLD: a person releases the order or cancels it; NOTIFY: somebody is told.';
COMMENT ON COLUMN tasks.state IS 'OPEN: it waits for an answer; APPROVED, REFUSED, RELEASED: so it was answered; LATE: its time was over first; WITHDRAWN: what happened to the order made it needless; TOLD: nothing is waited for.';
COMMENT ON COLUMN tasks.document IS 'The flow document, flows/name.';
COMMENT ON COLUMN tasks.flow_version IS 'Its version.';
COMMENT ON COLUMN tasks.node IS 'The node of the flow.';
COMMENT ON COLUMN tasks.reason IS 'Of a hold: why, as the flow says.';
COMMENT ON COLUMN tasks.role IS 'Whose it is: of an approval the role that may answer; of a notification whom it is for; empty: anybody who may release orders.';
COMMENT ON COLUMN tasks.told_by IS 'Of a notification: by which way (care, mail, crm, webhook, task).';
COMMENT ON COLUMN tasks.text IS 'Of a notification: what is said.';
COMMENT ON COLUMN tasks.persons IS 'How many have to say yes.';
COMMENT ON COLUMN tasks.not_by IS 'Account that may not answer, since it asked; empty: nobody is left out.';
COMMENT ON COLUMN tasks.votes IS 'Accounts that said yes so far.';
COMMENT ON COLUMN tasks.claimed_by IS 'Account that has taken it on; empty: nobody has.';
COMMENT ON COLUMN tasks.answered_by IS 'Account whose answer ended it; empty: no person''s did.';
COMMENT ON COLUMN tasks.because IS 'Why, in that person''s words.';
COMMENT ON COLUMN tasks.opened_at IS 'Since when it is asked.';
COMMENT ON COLUMN tasks.due_at IS 'When its time is over; null: never.';
COMMENT ON COLUMN tasks.at IS 'When it came to stand so.';
COMMENT ON COLUMN tasks.log_partition IS 'Partition of the record this row was made from.';
COMMENT ON COLUMN tasks.log_offset IS 'Offset of the record this row was made from; an older record never replaces a newer one''s row.';
