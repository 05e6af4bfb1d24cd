"""What is deployed: manifests are of the forms that are published for them, start what there is, and hold to one table of processes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose
from typer.testing import CliRunner

from deploy.kubernetes.__main__ import OUTPUT, rendered
from deploy.processes import PROCESSES, Process
from streams.cli.main import app
from streams.ops.rights import NAMES
from streams.settings import Settings, unknown

ROOT = Path(__file__).parents[2]
COMPOSE, CLUSTER = ROOT / "deploy/compose", ROOT / "deploy/kubernetes"
HUB: list[dict[str, Any]] = list(yaml.safe_load_all(OUTPUT.read_text("utf-8")))
SERVICES: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))["services"]
WORKLOADS = {each["metadata"]["name"].removeprefix("penstock-"): each for each in HUB if "template" in each["spec"]}
#: Those that are others' programs.
OTHERS = {"kafka", "postgres", "prometheus", "alertmanager", "grafana"}


def plain(path: Path) -> str:
    """With what YAML lets be said once written out: the specification's parser knows no merging."""
    return yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")))


def pod(name: str) -> Any:
    return WORKLOADS[name]["spec"]["template"]["spec"]


def exists(args: list[str]) -> bool:
    """Whether the command line takes these: it is asked for help, with all else that is told it."""
    done = CliRunner().invoke(app, [*args, "--help"])
    return done.exit_code == 0 and all(each in done.stdout for each in args if each.startswith("--"))


def test_the_written_manifests_are_those_of_the_processes() -> None:
    assert OUTPUT.read_text("utf-8") == rendered(), "python -m deploy.kubernetes"


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_each_manifest_is_of_its_published_form(version: str) -> None:
    for each in [*HUB, yaml.safe_load((CLUSTER / "autoscaling.yaml").read_text("utf-8"))]:
        kubernetes_validate.validate(each, version, strict=True)


def test_the_schemas_see_what_is_wrong() -> None:
    worker = yaml.safe_load(yaml.safe_dump(WORKLOADS["worker"]))
    worker["spec"]["template"]["spec"]["containers"][0]["readonlyRootFilesystem"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(worker, "1.37", strict=True)


def test_compose_is_of_its_specification() -> None:
    names = PyCompose.from_yaml(plain(COMPOSE / "compose.yaml")).service_names()
    assert {*names} == {*SERVICES}
    with pytest.raises(ValueError, match="healthchek"):
        PyCompose.from_yaml(plain(COMPOSE / "compose.yaml").replace("healthcheck", "healthchek"))


def test_a_linter_of_dockerfiles_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "deploy/image/Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("process", PROCESSES, ids=lambda each: each.name)
def test_what_a_process_is_started_with_is_a_command(process: Process) -> None:
    assert exists([*process.command, *(["0"] if process.slot else [])])
    (container,) = pod(process.name)["containers"]
    assert container["args"] == [*process.command, *(["$(SLOT)"] if process.slot else [])]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OTHERS - {"setup"}))
def test_compose_starts_the_same_processes(name: str) -> None:
    service = SERVICES[name]
    process = next(each for each in PROCESSES if re.fullmatch(rf"{each.name}(-\d)?", name))
    args = service["command"]
    assert tuple(args[:-1] if process.slot else args) == process.command
    assert ("PENSTOCK_SHOPS" in service["environment"]) == process.shops
    assert ("env_file" in service) == process.database
    assert ("PENSTOCK_METRICS_PORT" in service["environment"]) == (args[0] == "worker")
    assert str(process.port) in str(service["healthcheck"]["test"])
    assert bool([each for each in service.get("volumes", ()) if ":/var/lib/penstock" in each]) == process.stateful
    assert service["read_only"] and service["cap_drop"] == ["ALL"]


def test_every_process_is_in_both() -> None:
    for process in PROCESSES:
        assert process.name in WORKLOADS
        assert [name for name in SERVICES if re.fullmatch(rf"{process.name}(-\d)?", name)], process.name


def test_every_variable_is_one_that_the_hub_reads() -> None:
    texts = [
        path.read_text("utf-8")
        for folder in (COMPOSE, CLUSTER, ROOT / "deploy/image")
        for path in folder.iterdir()
        if path.is_file()
    ]
    named = {name for text in texts for name in re.findall(r"\bPENSTOCK_[A-Z_]+", text)}
    assert "PENSTOCK_BROKERS" in named and unknown({"PENSTOCK_BROKER": ""})
    assert unknown(dict.fromkeys(named, "")) == []


def test_nobody_runs_as_root_or_writes_where_it_need_not() -> None:
    for name in WORKLOADS:
        its = pod(name)
        assert its["securityContext"]["runAsNonRoot"] and its["automountServiceAccountToken"] is False
        for container in its["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] and security["capabilities"] == {"drop": ["ALL"]}
            assert not security["allowPrivilegeEscalation"] and container["resources"]["limits"]["memory"]


def test_secrets_are_named_and_never_there() -> None:
    assert not re.search(r"postgres(ql)?://[^.\s]*:[^.\s]*@", OUTPUT.read_text("utf-8"))
    for name in WORKLOADS:
        for each in pod(name)["containers"][0].get("env", ()):
            if each["name"] == "PENSTOCK_DATABASE_URL":
                assert each["valueFrom"]["secretKeyRef"]["name"] == "penstock-database"
        # Each is a user of its own at Kafka, where that has users: its rights are given to it by this name.
        kafka = {it["name"]: it["valueFrom"] for it in pod(name)["containers"][0]["env"] if "KAFKA" in it["name"]}
        for part in ("username", "password"):
            place = kafka[f"PENSTOCK_KAFKA__SASL_{part.upper()}"]["secretKeyRef"]
            assert place == {"name": "penstock-kafka", "key": f"{name}-{part}", "optional": True} and name in NAMES


def test_what_must_be_alone_has_no_second_while_it_is_replaced() -> None:
    for process in PROCESSES:
        its = WORKLOADS[process.name]
        one_at_a_time = its["kind"] == "StatefulSet" or its["spec"]["strategy"] == {"type": "Recreate"}
        assert not process.alone or (one_at_a_time and its["spec"]["replicas"] == 1), process.name


def test_a_process_has_longer_to_end_than_a_cycle_takes() -> None:
    assert all(pod(name)["terminationGracePeriodSeconds"] >= 60 for name in WORKLOADS)
    assert all(SERVICES[name]["stop_grace_period"] == "60s" for name in SERVICES.keys() - OTHERS - {"setup"})


def test_prometheus_finds_in_compose_what_the_rules_ask_for() -> None:
    jobs, ours = (
        {job["job_name"]: job for job in yaml.safe_load(path.read_text("utf-8"))["scrape_configs"]}
        for path in (ROOT / "deploy/prometheus/prometheus.yml", COMPOSE / "prometheus.yml")
    )
    assert jobs.keys() == ours.keys()
    targets = {each for job in ours.values() for part in job["static_configs"] for each in part["targets"]}
    assert {each.partition(":")[0] for each in targets} <= SERVICES.keys()
    assert {each.partition(":")[2] for each in targets} == {"9400"}


def test_settings_of_the_cluster_can_be_used() -> None:
    (made,) = yaml.safe_load((CLUSTER / "kustomization.yaml").read_text("utf-8"))["configMapGenerator"]
    settings = Settings.from_env(dict(each.split("=", 1) for each in made["literals"]))
    assert (settings.partitions, settings.replication, settings.in_clear()) == (12, 3, [])
