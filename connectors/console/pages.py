"""The built pages (``static/``): files by their names, and for all else the one page that shows itself by its address.

``index.html`` may have ``__NONCE__`` where styles made by scripts need the answer's nonce: it is put in anew each time.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from connectors.console.problems import Problem, language_of
from schemas.texts import said_in

FOLDER = Path(__file__).with_name("static")
_NOT_BUILT = "the console's pages are not built here: only its interface under /api answers"
#: Named by their content.
_FOR_EVER = "public, max-age=31536000, immutable"


def routes(folder: Path = FOLDER) -> APIRouter:
    """To be included last: they take every path."""
    router = APIRouter(include_in_schema=False)
    files = {f"/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*") if path.is_file()}
    index = files.pop("/index.html", None)
    page = index.read_text("utf-8") if index else None

    @router.get("/api/{path:path}")
    async def nothing(path: str) -> Response:
        raise Problem("not_found")

    @router.get("/{path:path}")
    async def shown(request: Request, path: str) -> Response:
        # By the list that was made at the start: no path leads out of the folder.
        if file := files.get(f"/{path}"):
            return FileResponse(
                file, headers={"Cache-Control": _FOR_EVER if path.startswith("assets/") else "no-cache"}
            )
        if page is None:
            return PlainTextResponse(said_in(language_of(request), _NOT_BUILT) + "\n", 503)
        return HTMLResponse(page.replace("__NONCE__", request.state.nonce), headers={"Cache-Control": "no-store"})

    return router
