-- The first choice was guessed from the words of a trace: with a rule document a warehouse that had nothing of an order was never it. Now the
-- plan says it; of orders that were decided before it is not known.
CREATE OR REPLACE VIEW sent_pieces AS
SELECT a.order_id, a.attempt, a.channel, a.shop, a.decided_at, p.sku, p.warehouse, p.quantity,
       a.trace->'rounds'->0->>'first_choice' AS first_choice
FROM allocations a JOIN allocation_parts p ON p.order_id = a.order_id AND p.attempt = a.attempt
WHERE a.decision = 'ALLOCATED';
COMMENT ON COLUMN sent_pieces.first_choice IS 'Who would have sent first, had every warehouse the goods, as the plan says; null: it is not known.';
COMMENT ON VIEW cross_warehouse_days IS 'Cross-warehouse pieces of a day, shop and warehouse; the target for what is sent from elsewhere and what is moved is 5 % of pieces at the most, together.';
COMMENT ON COLUMN cross_warehouse_days.pieces IS 'Pieces allocated whose first choice is known.';
