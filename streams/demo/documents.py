"""What the demo's merchant has set before the first order: rules, the tables that they look at, a flow, a pool; of deploy/examples."""

from __future__ import annotations

from pathlib import Path

import deploy
from schemas.documents.faults import in_words, shown
from schemas.documents.kinds import drafted
from streams.aside.config.apply import carried_out, judged, planned
from streams.aside.config.standing import ConfigRefused, standing
from streams.ops import audit
from streams.ops.cluster import Cluster

_EXAMPLES = Path(deploy.__file__).parent / "examples"
_TABLES, _POOLS = _EXAMPLES / "config", _EXAMPLES / "pools" / "demo.toml"
_FLOW, _RULES = _EXAMPLES / "flows" / "demo.toml", _EXAMPLES / "rules" / "demo.toml"
#: The name of the rules and of the flow: what workers follow that are told nothing else, so that they decide under ``penstock up``
#: afterwards too.
RULES = FLOW = "default"


def set_up(cluster: Cluster) -> list[str]:
    """Applies them as ``penstock config apply`` does; returns what is live by then, such as freight/demo. Warehouses have to be there."""
    drafts = []
    for path in (*sorted(_TABLES.glob("*.toml")), _POOLS, _FLOW, _RULES):
        form, draft = drafted(path.read_text())
        assert form is not None, path
        drafts.append((form.kind, draft))
    stands = standing(cluster)
    for (kind, _), faults in zip(drafts, judged(stands, drafts), strict=True):
        if faults:
            first = faults[0]
            raise ConfigRefused(
                f"the demo's {kind} can't be set beside what this hub has: {in_words(first.path)} is {shown(first.value)}: {first.says}"
            )
    documents = [(kind, draft.document) for kind, draft in drafts if draft.document is not None]
    carried_out(cluster, planned(stands, documents), by=audit.operator(cluster), because="the demo's settings")
    return [f"{kind}/{document.name}" for kind, document in documents]


def rules_text() -> str:
    """The rules, as they are written."""
    return _RULES.read_text()
