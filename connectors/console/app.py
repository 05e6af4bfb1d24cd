"""Puts the console's server together: one application, its routes each with the permission they declare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from connectors.console import pages
from connectors.console.api import (
    access,
    deliveries,
    exports,
    listings,
    live,
    order,
    order_deeds,
    orders,
    report,
    reviews,
    rule_releases,
    rule_trials,
    rules,
    session,
    stock,
    system,
    tables,
    tasks,
    trail,
    writebacks,
)
from connectors.console.asking import DECLARED
from connectors.console.problems import Problem, answer, of_framework
from connectors.console.security import Secured
from connectors.console.services import Services


class NotDeclared(Exception):
    """A route says not what it asks for."""


def build(services: Services | None, static: Path = pages.FOLDER) -> FastAPI:
    """The application; without services it can be described and not be run. Raises NotDeclared."""

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        if services is not None:
            # Known by the time that somebody looks.
            services.lagging.latest()
        yield
        if services is not None:
            await services.live.close()
            await services.noting.close()
            await services.store.close()

    app = FastAPI(title="Penstock", version="1", openapi_url=None, lifespan=living, generate_unique_id_function=_named)
    app.state.services = services
    parts = (
        *(
            session,
            orders,
            # Before the order, whose id may have anything in it.
            deliveries,
            order,
            order_deeds,
            tasks,
            reviews,
            writebacks,
            listings,
            stock,
            rules,
            rule_releases,
            rule_trials,
            live,
        ),
        *(report, trail, tables, access, exports, system),
    )
    for part in parts:
        app.include_router(part.router, prefix="/api")
    _all_declared(app)
    app.include_router(pages.routes(static))
    app.add_middleware(Secured)
    for kind in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _told)
    return app


def _named(route: APIRoute) -> str:
    return route.name


def _all_declared(app: FastAPI) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if DECLARED not in operation:
                raise NotDeclared(f"{method} {path} declares no permission: see connectors/console/asking.py")


async def _told(request: Request, error: Exception) -> JSONResponse:
    return answer(request, error if isinstance(error, Problem) else of_framework(error))
