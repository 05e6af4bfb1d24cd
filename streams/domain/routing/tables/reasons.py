"""Why a table has no figure. A figure that is missing is told by one of these, and never guessed."""

from __future__ import annotations

#: No carrier goes from the warehouse to the region.
NO_CARRIER = "NO_CARRIER"
#: The carrier takes no parcel of that weight, or of that size.
TOO_HEAVY, TOO_LARGE = "TOO_HEAVY", "TOO_LARGE"
#: A product's weight or size is not known, and something depends on it.
NO_WEIGHT, NO_SIZE = "NO_WEIGHT", "NO_SIZE"
#: No template has a price for the region, or for a parcel so heavy.
NO_FREIGHT = "NO_FREIGHT"
#: The order, or the products, or the freight, are in another currency than the rest.
OTHER_CURRENCY = "OTHER_CURRENCY"
#: No time is known from the warehouse to the region by that carrier, or the warehouse has no calendar.
NO_ETA, NO_CALENDAR = "NO_ETA", "NO_CALENDAR"
#: The warehouse does not work, or nothing leaves it, as far ahead as is looked.
CLOSED = "CLOSED"
#: The warehouse does not serve the region.
NOT_COVERED = "NOT_COVERED"
#: It is not known what the product is, or what it costs; or what handling costs there.
NO_PRODUCT, NO_COST, NO_HANDLING = "NO_PRODUCT", "NO_COST", "NO_HANDLING"
#: The warehouse has a limit a day, and nobody says how much of it is used.
NO_COUNT = "NO_COUNT"

#: A mark, not a reason: a year's holidays are not known, and plain days of the week were taken.
HOLIDAYS_UNKNOWN = "HOLIDAYS_UNKNOWN"
