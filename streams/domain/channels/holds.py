"""Why an order is held, for people: what each reason waits for. A hold ends with a newer snapshot, or by an operator's word."""

from __future__ import annotations

_REFUND = "the platform's after-sales say what becomes of it; cancel or release it when you know"
_SENDER = "see on the platform who sends it; release it if you do, cancel it here if others do"

#: Reason -> what it waits for, and what may be done.
HOLDS: dict[str, str] = {
    # the platform's own word
    "risk_review": "the platform is checking the order, mostly for an hour or two",
    "locked": "JD has locked it, for a refund or a change: see there",
    "paused": "JD has paused it: see there",
    "business_pause": "JD has paused it for a matter of its business: see there",
    "platform_hold": "the platform says not to send it yet",
    "platform_forbids_shipping": "the platform says not to send it: a group still forms, or the goods are controlled",
    "group_forming": "the group of buyers is not complete",
    "lottery": "an order of a lottery: sent when it is drawn",
    "oversold_on_platform": "sold beyond the platform's stock: agree with the buyer, then release or cancel it",
    "prescription_audit": "the prescription is not approved",
    "test_order": "a test: nobody waits for goods; cancel it",
    # money
    "deposit_only": "paid in part, a presale or an edited order: the balance is not known to be paid",
    "line_unpaid": "a line of a paid order is not paid itself: fetch the order again",
    "paid_at_pick_up": "paid where it is fetched: see on the platform whether it is sent by parcel",
    "collect_amount_unknown": "cash on delivery, paid in part: see what is left to collect, then release it",
    "collect_currency_unknown": "cash on delivery in another currency than the shop's: see what to collect, then release it",
    "paid_after_cancelled": "paid after it was cancelled, perhaps by your own people: release it to send it",
    "sent_while_cancelled": "a parcel left while it was cancelled, and it is open again: release it to send it anew, else cancel it here",
    # your own word
    "held_by_operator": "somebody of yours holds it: release it when what it waits for is done",
    "waits_for_companions": "others of its receiver may come and leave with it; it goes when its window is over: release it to send it now",
    # after-sales
    "refund_open": f"the buyer asks for money or goods back; {_REFUND}",
    "refund_amount_unknown": f"money went back, for what is not said; {_REFUND}",
    "refund_unclear": f"an after-sale is done, about which units is not clear; {_REFUND}",
    "refund_status_unknown": f"a refund in a state that is not known; {_REFUND}",
    "after_sale_unknown": f"an after-sale in a state that is not known; {_REFUND}",
    "gift_alone": "a gift whose goods were cancelled: release it to send it alone, or cancel it",
    # how many, where to, when
    "goods_changed_after_parcel": "a line whose goods have left names others now: release it to send these too, else cancel it here",
    "sent_unclear": "some of it has left, in no parcel known here, how many is not said: see the parcels on the platform",
    "sent_contradicts": "its platform calls it sent, or goods are asked back, and units are shown that are not sent: release or cancel it",
    "bundle_unclear": "parts are named, of which bundle is not said: set it with `penstock bundle`, then send the order again",
    "address_change": "the buyer has asked for another address",
    "receiver_disputed": "its platform shows a third receiver, neither whom you corrected nor whom you named: `penstock order address` "
    "says whose it is, a release sends it to whom you named",
    "two_addresses": "two addresses in one: ask the buyer",
    "country_unknown": "abroad, the country is not said: ask the buyer",
    "not_before": "a presale or a chosen day: sent at the earliest at the date the order shows",
    "presale_without_date": "a presale without a date: release it when the goods are there",
    # who sends it
    "supplier_unknown": "names a supplier: say in PENSTOCK_SUPPLIERS or PENSTOCK_OWN_SUPPLIERS who sends that one's goods",
    "supplier_unclear": f"the order and its lines differ on whether a supplier sends; {_SENDER}",
    "warehouse_unclear": f"in part of your warehouses, or of one of a kind that is not known; {_SENDER}",
    "platform_warehouse_unclear": f"perhaps sent from the platform's warehouse; {_SENDER}",
    "store_order_unknown": f"JD names a warehouse that is not known; {_SENDER}",
    "order_type_unknown": f"of a type that is not known; {_SENDER}",
    "point_of_sale_unclear": f"sold over a counter to somebody whose address is known; {_SENDER}",
    "pickup_unclear": f"the buyer fetches some of it, of which lines is not said; {_SENDER}",
    "shop_sends": f"given to a shop of yours; {_SENDER}",
    "local_delivery": f"to be brought within hours; {_SENDER}",
    "local_depot": f"from a depot nearby; {_SENDER}",
}


def in_words(hold_reason: str | None) -> list[str]:
    """`reason: what it waits for` of each in a hold reason, those that are known."""
    # One that comes again has its number behind it.
    named = ((one, one.rstrip("0123456789").rstrip("_")) for one in (hold_reason or "").split(","))
    return [f"{one}: {HOLDS[name]}" for one, name in named if name in HOLDS]
