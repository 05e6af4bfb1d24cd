-- Cross-warehouse pieces: sent from another warehouse than the first choice for want of stock, or moved between warehouses.

-- The one definition of a first choice: with the built-in rule the nearest that may send, with a rule document the first by its rank.
CREATE VIEW sent_pieces AS
SELECT a.order_id, a.attempt, a.channel, a.shop, a.decided_at, p.sku, p.warehouse, p.quantity, f.warehouse AS first_choice
FROM allocations a JOIN allocation_parts p ON p.order_id = a.order_id AND p.attempt = a.attempt
LEFT JOIN LATERAL (
    SELECT c->>'warehouse' AS warehouse FROM jsonb_array_elements(a.trace->'rounds'->0->'considered') c
    WHERE c->>'reason' NOT IN ('disabled', 'full: no open units left', 'not set up')
      AND (c->>'distance_km' IS NOT NULL OR c->>'reason' LIKE 'number 1 of %')
    ORDER BY c->>'reason' LIKE 'number 1 of %' DESC, (c->>'distance_km')::float8, (c->>'chosen')::bool DESC
    LIMIT 1) f ON true
WHERE a.decision = 'ALLOCATED';
COMMENT ON VIEW sent_pieces IS 'Pieces that were allocated, with the warehouse that would have sent them had it had them.';
COMMENT ON COLUMN sent_pieces.order_id IS 'As in allocations.';
COMMENT ON COLUMN sent_pieces.attempt IS 'As in allocations.';
COMMENT ON COLUMN sent_pieces.channel IS 'As in allocations.';
COMMENT ON COLUMN sent_pieces.shop IS 'Decides who may see the row.';
COMMENT ON COLUMN sent_pieces.decided_at IS 'When the order was allocated.';
COMMENT ON COLUMN sent_pieces.sku IS 'As in allocation_parts.';
COMMENT ON COLUMN sent_pieces.warehouse IS 'Who sends the pieces.';
COMMENT ON COLUMN sent_pieces.quantity IS 'Pieces.';
COMMENT ON COLUMN sent_pieces.first_choice IS 'Who would have sent them, had it had them; null: nobody may, or it is not known.';

CREATE VIEW cross_warehouse_days AS
SELECT day, shop, warehouse, sum(pieces)::bigint AS pieces, sum(elsewhere)::bigint AS elsewhere, sum(moved)::bigint AS moved
FROM (
    SELECT (decided_at AT TIME ZONE 'Asia/Shanghai')::date AS day, shop, warehouse, quantity AS pieces,
           CASE WHEN warehouse <> first_choice THEN quantity ELSE 0 END AS elsewhere, 0 AS moved
    FROM sent_pieces WHERE first_choice IS NOT NULL
    UNION ALL
    -- What the inventory refused was not moved.
    SELECT (t.at AT TIME ZONE 'Asia/Shanghai')::date, '', t.details->>'warehouse', 0, 0, (t.details->>'quantity')::integer
    FROM audit t
    WHERE t.action = 'stock.transfer' AND t.outcome = 'done' AND NOT EXISTS (
        SELECT FROM stock_answers s WHERE s.command_id = t.details->>'command_id' AND s.answer = 'REFUSED')
) AS pieces
GROUP BY day, shop, warehouse;
COMMENT ON VIEW cross_warehouse_days IS 'Cross-warehouse pieces of a day, shop and warehouse; the target is 5 % of pieces at the most.';
COMMENT ON COLUMN cross_warehouse_days.day IS 'By the time of China (UTC+8).';
COMMENT ON COLUMN cross_warehouse_days.shop IS 'Empty for pieces that were moved: a move is of no shop.';
COMMENT ON COLUMN cross_warehouse_days.warehouse IS 'Who sends the pieces; of a move, where they lay.';
COMMENT ON COLUMN cross_warehouse_days.pieces IS 'Pieces allocated.';
COMMENT ON COLUMN cross_warehouse_days.elsewhere IS 'Those of them that another warehouse sends than the first choice, which lacked them.';
COMMENT ON COLUMN cross_warehouse_days.moved IS 'Pieces that people, or systems of warehouses, told to be at another warehouse by now.';
