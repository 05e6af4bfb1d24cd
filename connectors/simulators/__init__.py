"""The platforms and logistics providers as local servers that sign, page, throttle and fail as the real ones do.

Each simulator is one HTTP server (PDD's message socket on the same port). Beside the platform's own API it has, under ``/_sim``, what a
test or a demo drives and asks it with (JSON; no signature):

    POST /_sim/orders    {"orders": [{"shop": ..., "payload": {the platform's snapshot of the order}}]}
                         the order is created, or changes to this; the platform's clock dates it, and its pushes go out.
                         -> {"orders": [{"order_no": ..., "changed_at_ms": ...}]}
    GET  /_sim/orders/N  {"order_no", "shop", "status", "changed_at_ms",
                          "shipments": [{"tracking_no", "carrier", "lines", "at_ms", "request_id"}],
                          "ship_calls": how many there were, whatever was answered, "ship_effects": how many changed something}
    GET  /_sim/orders    the same for all
    POST /_sim/aftersales {"aftersales": [{"shop": ..., "payload": {the platform's detail of the after-sale}}]}
                         it is asked for, or changes to this; dated and pushed likewise. After-sales that an order's snapshot shows are
                         there without it. -> {"aftersales": [{"id": ..., "changed_at_ms": ...}]}
    GET  /_sim/counts    {"changes", "pushes": sent, "pushes_acked", "pushes_retried", "pushes_given_up", "pushes_pending",
                          "calls": {method: {outcome: n}}, "bad_signatures", "throttled", "faults": {kind: n}}
    PUT  /_sim/gateway   {"url": "http://..."}: where pushes go from now on; empty: nowhere
    PUT  /_sim/faults    {"latency_ms", "errors", "resets", "lost_answers", "throttle", "duplicate_pushes", "reorder_pushes",
                          "lost_pushes"}: shares 0 to 1 (latency: the mean); what is left out is 0. A lost answer is carried out first.
    PUT  /_sim/stock     what the shops show of their stock: ``shelf.py`` has its form, and how buyers lower it
    POST /_sim/clear     forgets all orders and counts
    GET  /health         200

A platform's own controls stand in its module (JD splits orders, Cainiao's balance is set, ...). JD dates no edit that moves neither state
nor waybill, as JD does: ``changed_at_ms`` is then that of the change before. Platforms that show whole seconds show two changes of one
second as modified at the same time.
"""
