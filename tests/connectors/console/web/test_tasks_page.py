"""The tasks' page in a browser, over a real Kafka, a real worker and the tables: who asked may not approve, somebody else does, once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connectors.console.permissions import Grant, Kind
from connectors.generator import warehouses
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka
from streams.cli.console_deeds import Deeds
from streams.settings import Settings
from tests.connectors.console.conftest import Browser, Console, copy_of, serving
from tests.connectors.console.test_deeds import into_tables, standing
from tests.connectors.console.test_task_deeds import say
from tests.connectors.console.web.conftest import Visit, apart
from tests.connectors.console.web.test_looks import looked_at
from tests.integration.conftest import until
from tests.integration.test_rules_decide import SKUS, Hub

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

#: Who releases a hold asks for the approval behind it; two others have the role.
ASKER, LEAD, SECOND, CLERK = "li", "wang", "zhao", "chen"
SERVICE = Grant("service", Kind.SHOP, "tea")
FLOW = """
kind = "flows"
version = 1
name = "default"
nodes = [
  { name = "came", do = "on", event = "accepted", then = "large" },
  { name = "large", do = "if", when = [{ field = "pieces", at_least = 3 }], then = "look", otherwise = "send" },
  { name = "look", do = "hold", reason = "大单", minutes = 1_440, released = "lead", late = "no" },
  { name = "lead", do = "approve", role = "lead", minutes = 600, approved = "send", refused = "no", late = "no" },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
  { name = "no", do = "cancel", reason = "refused" },
]
"""
TOPICS = ("orders", "order.status", "tasks", "audit", "allocations")


class Flowing(Hub):
    """A broker, a worker whose orders follow the flow, and a console over them."""

    def __init__(self, settings: Settings, folder: Path, console: Console) -> None:
        super().__init__(settings, folder)
        self.console = console

    def begin(self) -> None:
        """Returns once the worker follows the flow."""
        file = self.settings.data / "flow.toml"
        file.write_text(FLOW, "utf-8")
        number = json.loads(self.penstock("flows", "publish", str(file), "--json").stdout)["version"]
        self.penstock("flows", "release", "default", "--version", str(number), "--live")
        until(self._is_held, bool, "the worker follows the flow")

    def held(self) -> str:
        """Another order that its flow holds, in the tables too."""
        (order_id,) = self.place(1, SKUS[0], 3)
        self.settled()
        self.caught_up()
        return order_id

    def caught_up(self) -> None:
        asyncio.run(into_tables(self.console.database, standing(self.cluster, *TOPICS)))

    def tasks(self, order_id: str) -> list[tuple[str, str, str]]:
        return [(it["node"], it["state"], it["answered_by"]) for _, it in self.records("tasks", order_id)]

    def phase(self, order_id: str) -> str:
        return str(self.records("order.status", order_id)[-1][1]["status"])

    def browser(self, name: str) -> Browser:
        return apart(lambda: self.console.known(name))

    def _is_held(self) -> bool:
        (order_id,) = self.place(1, SKUS[0], 3)
        self.settled()
        return self.phase(order_id) == "HELD"


@pytest.fixture(scope="module")
def hub(postgres: str, with_roles: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flowing]:
    data = tmp_path_factory.mktemp("tasks")
    with LocalKafka(data / "kafka") as kafka, copy_of(postgres, with_roles) as url:
        asyncio.run(migrate(url))
        environment = {"PENSTOCK_DATA": str(data), "PENSTOCK_ROLES": f"lead={ASKER},{LEAD},{SECOND}"}
        settings = Settings.from_env(environment, brokers=kafka.bootstrap)
        with serving(url, deeds=Deeds(settings)) as console:
            for name in (ASKER, LEAD, SECOND, CLERK):
                console.user(SERVICE, name=name)
            it = Flowing(settings, data, console)
            it.cluster.create_topics()
            it.cluster.publish([("config.warehouses", each["warehouse"], "Warehouse", each) for each in warehouses()])
            for sku in SKUS:
                it.receive(sku)
            it.workers.start()
            try:
                it.settled()
                it.begin()
                yield it
            finally:
                it.workers.stop()


@pytest.fixture(scope="module")
def seen(hub: Flowing) -> Console:
    return hub.console


def opened(page: Page, order_id: str) -> Any:
    """The panel of the order's task."""
    page.goto("/tasks")
    page.locator("tbody tr", has_text=order_id.removeprefix("taobao:")).locator("button").click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", level=2)).to_have_text(order_id.removeprefix("taobao:"))
    return panel


def put_away(page: Page, order_id: str) -> None:
    """It is answered: another one is open, or none. Its row may come back until the tables have it."""
    expect(page).not_to_have_url(re.compile(f"item=[^&]*{order_id.removeprefix('taobao:')}"))


def test_who_asked_may_not_approve_and_a_second_person_does(visit: Visit, hub: Flowing) -> None:
    order_id = apart(hub.held)
    page = visit("/", as_=ASKER)
    panel = opened(page, order_id)
    expect(panel).to_contain_text("因“大单”挂起")
    expect(panel.get_by_text("放行 → 审批")).to_be_visible()
    # Without a mouse: taken on, reasoned, released.
    page.keyboard.press("c")
    expect(page.get_by_text("已认领", exact=True)).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.type("老客户")
    page.keyboard.press("Control+Enter")
    put_away(page, order_id)
    assert apart(lambda: hub.tasks(order_id))[-1] == ("lead", "OPEN", "")
    apart(hub.caught_up)
    # The approval that they have asked for with it is not theirs to give: said before, and by the server.
    panel = opened(page, order_id)
    expect(panel.get_by_text("li 是发起人，不能审批：需要另一位 lead")).to_be_visible()
    panel.get_by_label("原因说明").fill("我自己批")
    expect(panel.get_by_role("button", name="同意")).to_be_disabled()
    task = page.url.rpartition("item=")[2].replace("%3A", ":").replace("%2F", "/").replace("%23", "#")
    denied = apart(lambda: say(hub.browser(ASKER), task, "approve"))
    assert (denied.status, denied.body["code"]) == (422, "refused")
    # Who has no role neither.
    other = visit("/", as_=CLERK, language="en")
    expect(opened(other, order_id).get_by_text("asked of the role lead")).to_be_visible()
    # A second person.
    second = visit("/", as_=LEAD)
    panel = opened(second, order_id)
    panel.get_by_label("原因说明").fill("已电话确认")
    second.keyboard.press("Control+Enter")
    put_away(second, order_id)
    apart(hub.settled)
    assert apart(lambda: hub.tasks(order_id))[-1] == ("lead", "APPROVED", LEAD)
    assert apart(lambda: hub.phase(order_id)) == "ALLOCATED"
    did = [(it["action"], it["by"]) for _, it in apart(lambda: hub.records("audit", order_id))]
    assert did == [("task.claim", ASKER), ("task.approve", ASKER), ("task.approve", LEAD)]
    # The order's own page tells of both.
    apart(hub.caught_up)
    second.goto(f"/orders/{order_id.replace(':', '%3A')}")
    flow = second.get_by_role("table", name="流程")
    expect(flow.get_by_role("row")).to_have_count(3)
    expect(flow).to_contain_text("已电话确认")


def test_of_two_who_click_at_once_one_decides_and_the_other_is_told_who(visit: Visit, hub: Flowing) -> None:
    order_id = apart(hub.held)
    task = f"{order_id}/look#1"
    first, second = visit("/", as_=LEAD), visit("/", as_=SECOND)
    for page in (first, second):
        opened(page, order_id).get_by_label("原因说明").fill("看过了")
    assert apart(lambda: say(hub.browser(CLERK), task, "approve")).status == 202
    first.keyboard.press("Control+Enter")
    expect(first.get_by_role("complementary").get_by_role("alert")).to_contain_text(f"已释放（{CLERK}）")
    # Both at the very same moment: the worker's log has an order.
    lead = f"{order_id}/lead#2"
    apart(hub.caught_up)

    def both() -> list[Any]:
        people = [hub.console.known(name) for name in (LEAD, SECOND)]
        with ThreadPoolExecutor(2) as pool:
            return list(
                pool.map(lambda each: say(each[1], lead, each[0]), zip(("approve", "refuse"), people, strict=True))
            )

    answers = apart(both)
    assert sorted(answer.status for answer in answers) == [202, 409], answers
    ended = apart(lambda: hub.tasks(order_id))[-1]
    winner = (LEAD, SECOND)[[answer.status for answer in answers].index(202)]
    assert ended == ("lead", "APPROVED" if winner == LEAD else "REFUSED", winner)
    late = next(answer for answer in answers if answer.status == 409)
    assert winner in late.body["message"]
    second.close()


def test_an_order_is_released_at_its_own_page_and_another_ended(visit: Visit, hub: Flowing) -> None:
    order_id = apart(hub.held)
    page = visit(f"/orders/{order_id.replace(':', '%3A')}", as_=CLERK)
    expect(page.get_by_role("banner").or_(page.locator(".page-head")).last).to_contain_text("流程：大单")
    deeds = page.get_by_role("region", name="处理")
    deeds.get_by_label("原因说明").fill("买家取消")
    deeds.get_by_role("button", name="取消订单").click()
    expect(page.get_by_text("已生效")).to_be_visible()
    assert apart(lambda: hub.phase(order_id)) == "CANCELLED"
    assert apart(lambda: hub.tasks(order_id))[-1][1] == "WITHDRAWN"


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_asked_can_be_read_by_everybody(visit: Visit, hub: Flowing, language: str, mode: str) -> None:
    order_id = apart(hub.held)
    page = visit("/tasks", as_=LEAD, language=language, mode=mode)
    page.locator("tbody tr").first.wait_for()
    looked_at(page, "tasks")
    page.goto(f"/tasks?item={order_id}/look%231&kind=HOLD&reason=大单")
    page.get_by_role("complementary").get_by_role("heading", level=2).wait_for()
    page.locator(".ways li").first.wait_for()
    looked_at(page, "a task")
    for path in (
        "/tasks?state=ended",
        "/tasks?state=mine",
        "/tasks?channel=jd",
        f"/orders/{order_id.replace(':', '%3A')}",
    ):
        page.goto(path)
        looked_at(page, path)
    page.goto("/tasks?item=taobao:0/nobody%231")
    page.get_by_role("complementary").locator(".state").wait_for()
    looked_at(page, "no such task")
