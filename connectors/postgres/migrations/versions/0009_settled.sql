-- What was in review and is settled, of a shop, newest last. Open ones have an index of their own.
CREATE INDEX review_queue_settled ON review_queue (shop, state_at) WHERE state <> 'open';
