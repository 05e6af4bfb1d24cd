"""A WMS of one's own, as small as one can be: the plain kind's three addresses, signatures checked, everything counted."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.platforms.signing import warehouse_system


class OwnWms:
    """``with`` runs it: then ``url`` is where. ``answers``: HTTP statuses to answer with first, None: none at all."""

    def __init__(self, secret: str = "hush") -> None:
        self.secret = secret
        self.created: dict[str, int] = {}
        self.taken_back: set[str] = set()
        self.packed: set[str] = set()
        self.told: list[dict[str, Any]] = []
        self.answers: list[int | None] = []
        self.forged = 0
        wms = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                at = self.headers["X-Penstock-Timestamp"]
                if warehouse_system(wms.secret, at, self.path, body) != self.headers["X-Penstock-Signature"]:
                    wms.forged += 1
                    return self.say(401, {"message": "not yours"})
                failing = wms.answers.pop(0) if wms.answers else 200
                if failing not in (200, None):
                    return self.say(failing, {"code": "E", "message": "no"})
                status, answer = wms.take(self.path.rpartition("/")[2], json.loads(body))
                if failing is None:
                    # Carried out, and the answer is lost.
                    self.close_connection = True
                    return self.connection.close()
                return self.say(status, answer)

            def say(self, status: int, answer: dict[str, Any]) -> None:
                raw = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/wms"

    def take(self, what: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        code = said["delivery_id"]
        known = code in self.created
        if what == "create":
            self.told.append(said)
            self.created[code] = self.created.get(code, 0) + 1
            return 200, {"wms_id": f"W-{code}"}
        if what == "cancel":
            if code in self.packed:
                return 409, {"code": "PACKED", "message": "packed"}
            self.taken_back.add(code)
            return 200, {}
        gone = code in self.taken_back
        return 200, {
            "known": known,
            "status": "GONE" if gone else "NEW",
            "cancelled": gone,
            "left": code in self.packed,
        }

    def __enter__(self) -> OwnWms:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
