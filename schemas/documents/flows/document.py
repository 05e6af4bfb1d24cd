"""The flow document as types. ``flows.schema.json`` beside this file is made of them.

A flow is nodes with names, and edges that name the next node. An event enters by an ``on`` node; from there an order passes nodes at once
until it comes to one where it rests: ``hold``, ``approve``, ``wait``, ``end`` or ``cancel``. Times are whole minutes. What a name stands
for is in ``catalogue.toml``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import Name, Number, Part, Remark
from ..rules.document import FEW_MAX, Conditions
from .transforms import STEPS_MAX, Step, Type

#: The version of the form itself, not of a merchant's document.
VERSION = 1
NODES_MAX, MINUTES_MAX, ROUNDS_MAX = 200, 525_600, 100

Minutes = Annotated[int, Meta(ge=1, le=MINUTES_MAX)]
Rounds = Annotated[int, Meta(ge=1, le=ROUNDS_MAX)]
Few = Annotated[tuple[Name, ...], Meta(max_length=FEW_MAX)]
Event = Literal[
    "accepted",
    "paid",
    "changed",
    "allocated",
    "backordered",
    "shipped",
    "traced",
    "after_sale",
    "risk_answered",
    "custom",
]


class _Node(Part, tag_field="do", kw_only=True, frozen=True):
    """A node; ``name`` is how edges, tasks and an order's state call it."""

    name: Name


class On(_Node, tag="on", kw_only=True, frozen=True):
    """An event begins here. ``custom``: the name of an event of the merchant's own.

    ``at``: only while the order rests at one of these nodes. Left out: only while it waits for nothing, at the start or at an ``end``.
    """

    event: Event
    then: Name
    custom: Remark = ""
    at: Few = ()


class If(_Node, tag="if", kw_only=True, frozen=True):
    """Orders that meet all of the conditions go one way, all others the other."""

    when: Conditions
    then: Name
    otherwise: Name


class Route(_Node, tag="route", kw_only=True, frozen=True):
    """The order goes to the warehouses that a rule document chooses. Before it no warehouse hears of the order."""

    rules: Name
    then: Name


class Value(Part, kw_only=True, frozen=True):
    """What a field becomes, by exactly one of ``text``, ``number`` and ``yes_no``."""

    field: Name
    text: Remark | None = None
    number: Number | None = None
    yes_no: bool | None = None


class Set(_Node, tag="set", kw_only=True, frozen=True):
    """Tags, a priority and fields of the order."""

    then: Name
    tags: Few = ()
    untag: Few = ()
    priority: Number | None = None
    fields: Annotated[tuple[Value, ...], Meta(max_length=FEW_MAX)] = ()


class Transform(_Node, tag="transform", kw_only=True, frozen=True):
    """Fields of the order from the channel's payload (``raw``) or the hub's order, or the shape in which a downstream system gets it."""

    source: Literal["raw", "order"]
    into: Literal["fields", "warehouse", "crm", "erp"]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=STEPS_MAX)]
    then: Name


class _Resting(_Node, kw_only=True, frozen=True):
    """Where an order waits. ``rounds``: how often it may come here; ``spent``: where it goes instead when that is used up."""

    rounds: Rounds | None = None
    spent: Name | None = None


class Hold(_Resting, tag="hold", kw_only=True, frozen=True):
    """A person looks at the order and releases it; when the time is over it goes on at ``late``."""

    reason: Name
    minutes: Minutes | None = None
    released: Name
    late: Name | None = None


class Approve(_Resting, tag="approve", kw_only=True, frozen=True):
    """One or two persons of a role say yes, or one says no. Who asked may not, unless ``asker_may``."""

    role: Name
    persons: Literal[1, 2] = 1
    asker_may: bool = False
    minutes: Minutes | None = None
    approved: Name
    refused: Name
    late: Name | None = None


class Wait(_Resting, tag="wait", kw_only=True, frozen=True):
    """Until an event comes, or a time is over; without an event only for the time."""

    event: Event | None = None
    custom: Remark = ""
    minutes: Minutes | None = None
    then: Name | None = None
    late: Name | None = None


class Notify(_Node, tag="notify", kw_only=True, frozen=True):
    """A message to customer service, a mail, the CRM, a webhook, or a task for a role."""

    by: Literal["care", "mail", "crm", "webhook", "task"]
    target: Name
    text: Remark = ""
    then: Name


class Split(_Node, tag="split", kw_only=True, frozen=True):
    """A hint to routing: what is better sent apart."""

    by: Literal["presale_date", "goods_type", "category", "warehouse"]
    then: Name


class Merge(_Node, tag="merge", kw_only=True, frozen=True):
    """It waits for other orders of its shop and receiver, so many minutes at the longest, and leaves with them as one parcel."""

    minutes: Minutes
    then: Name


class Cancel(_Node, tag="cancel", kw_only=True, frozen=True):
    """The order is cancelled. Nothing follows."""

    reason: Name


class End(_Node, tag="end", kw_only=True, frozen=True):
    """Nothing is waited for; a later event may begin anew at its ``on`` node."""


Node = On | If | Route | Set | Transform | Hold | Approve | Wait | Notify | Split | Merge | Cancel | End


class Field(Part, kw_only=True, frozen=True):
    """A field of the merchant's own that this flow fills or asks: ``fields.NAME`` in conditions."""

    name: Name
    type: Type
    #: Whether it tells of a person: then it is masked.
    personal: bool = False


class Moved(Part, kw_only=True, frozen=True):
    """An order that rests at a node of an earlier version, by its name there, goes on at a node of this one."""

    was: Name
    now: Name


class Document(Part, frozen=True):
    """What happens to an order, from its events on."""

    version: Literal[1]
    name: Name
    nodes: Annotated[tuple[Node, ...], Meta(min_length=1, max_length=NODES_MAX)]
    description: Remark = ""
    fields: Annotated[tuple[Field, ...], Meta(max_length=STEPS_MAX)] = ()
    moved: Annotated[tuple[Moved, ...], Meta(max_length=NODES_MAX)] = ()
    kind: Literal["flows"] = "flows"


FORM = Form("flows", Document, VERSION, NODES_MAX)
