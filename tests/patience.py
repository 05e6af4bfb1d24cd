"""How long a test waits for what comes. On an idle machine all of it comes within seconds; a busy one is given the time it takes."""

from __future__ import annotations

#: Less than pytest's own timeout, so that a test that gives up says what it has waited for. Waiting costs nothing: who waits looks again
#: and again.
PATIENCE_S = 240.0
