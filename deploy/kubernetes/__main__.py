"""Writes ``hub.yaml``, Kubernetes' manifests of the hub's processes: python -m deploy.kubernetes

What is one's own is said beside them: ``kustomization.yaml`` names the image, the settings and the secrets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from deploy.processes import CONSOLE_PORT, PROCESSES, Process

OUTPUT = Path(__file__).with_name("hub.yaml")
_HEAD = "# GENERATED from deploy/processes.py by `python -m deploy.kubernetes`: edit those.\n"
_IMAGE, _USER = "penstock:latest", 10_001
#: Of ConfigMap and Secrets, which kustomization.yaml makes.
_SETTINGS, _DATABASE, _SHOPS, _KAFKA = "penstock-settings", "penstock-database", "penstock-shops", "penstock-kafka"
#: A worker finishes its cycle; Kubernetes kills what takes longer.
_GRACE_S = 90
_STATE_GIB = 20

Manifest = dict[str, Any]


def manifests() -> list[Manifest]:
    """All of them, in the order in which they are applied."""
    found = [_setup()]
    for process in PROCESSES:
        found += [_stateful_set(process) if process.stateful else _deployment(process)]
        if process.replicas > 1:
            found.append(_budget(process))
    return [*found, _headless(), *_services(), *_policies()]


def _labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": "penstock", "app.kubernetes.io/component": name}


def _meta(name: str, component: str = "") -> Manifest:
    return {"name": f"penstock-{name}", "labels": _labels(component or name)}


def _pod(process: Process) -> Manifest:
    args = [*process.command, "$(SLOT)"] if process.slot else [*process.command]
    probe = {"httpGet": {"path": "/", "port": "http"}} if process.port == CONSOLE_PORT else None
    mounts = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "state", "mountPath": "/var/lib/penstock"}]
    volumes: list[Manifest] = [{"name": "tmp", "emptyDir": {}}]
    if not process.stateful:
        volumes.append({"name": "state", "emptyDir": {}})
    if process.shops:
        mounts.append({"name": "shops", "mountPath": "/etc/penstock", "readOnly": True})  # type: ignore[dict-item]
        volumes.append({"name": "shops", "secret": {"secretName": _SHOPS, "defaultMode": 0o440}})
    container = {
        "name": process.name,
        "image": _IMAGE,
        "args": args,
        "envFrom": [{"configMapRef": {"name": _SETTINGS}}],
        "env": _environment(process),
        "ports": [{"name": "http", "containerPort": process.port}],
        "resources": {
            "requests": {"cpu": f"{process.millicores}m", "memory": f"{process.mebibytes}Mi"},
            "limits": {"memory": f"{2 * process.mebibytes}Mi"},
        },
        # State is restored before a worker is ready: what restores is alive.
        "startupProbe": {**(probe or _asked("/live")), "periodSeconds": 5, "failureThreshold": 60},
        "livenessProbe": {**(probe or _asked("/live")), "periodSeconds": 15, "timeoutSeconds": 5},
        "readinessProbe": {**(probe or _asked("/ready")), "periodSeconds": 10, "timeoutSeconds": 5},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }
    return {
        "metadata": {
            "labels": _labels(process.name),
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": str(process.port)},
        },
        "spec": {
            "terminationGracePeriodSeconds": _GRACE_S,
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _USER,
                "runAsGroup": _USER,
                "fsGroup": _USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": volumes,
        },
    }


def _asked(path: str) -> Manifest:
    return {"httpGet": {"path": path, "port": "http"}}


def _environment(process: Process) -> list[Manifest]:
    # Each process is a user of its own, where Kafka has users: its rights are those of penstock kafka acls.
    found = [
        _secret(f"PENSTOCK_KAFKA__SASL_{part.upper()}", _KAFKA, f"{process.name}-{part}", optional=True)
        for part in ("username", "password")
    ]
    if process.command[:1] == ("worker",):
        found.append({"name": "PENSTOCK_METRICS_PORT", "value": str(process.port)})
    if process.slot:
        place = {"fieldPath": "metadata.labels['apps.kubernetes.io/pod-index']"}
        found.append({"name": "SLOT", "valueFrom": {"fieldRef": place}})
    if process.database:
        found.append(_secret("PENSTOCK_DATABASE_URL", _DATABASE, f"{process.name}-url"))
    if process.shops:
        found.append({"name": "PENSTOCK_SHOPS", "value": "/etc/penstock/shops.toml"})
    return found


def _secret(name: str, secret: str, key: str, *, optional: bool = False) -> Manifest:
    place = {"name": secret, "key": key, **({"optional": True} if optional else {})}
    return {"name": name, "valueFrom": {"secretKeyRef": place}}


def _deployment(process: Process) -> Manifest:
    # Of what must be alone the old one ends before the new one begins.
    strategy = {"type": "Recreate"} if process.alone else {"type": "RollingUpdate"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(process.name),
        "spec": {
            "replicas": process.replicas,
            "strategy": strategy,
            "selector": {"matchLabels": _labels(process.name)},
            "template": _pod(process),
        },
    }


def _stateful_set(process: Process) -> Manifest:
    """One folder of state a slot, which stays with it wherever it runs; they are replaced one by one."""
    claim = {
        "metadata": {"name": "state"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{_STATE_GIB}Gi"}}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _meta(process.name),
        "spec": {
            "replicas": process.replicas,
            "serviceName": "penstock",
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": _labels(process.name)},
            "template": _pod(process),
            "volumeClaimTemplates": [claim],
        },
    }


def _budget(process: Process) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _meta(process.name),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": _labels(process.name)}},
    }


def _setup() -> Manifest:
    """Topics and tables, before anything works on them. A job can't be changed: an upgrade deletes it first."""
    pod = _pod(Process("setup", (), database=True))
    container = pod["spec"]["containers"][0]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe", "ports", "args"):
        del container[probe]
    container["command"] = ["/bin/sh", "-c", "penstock topics create && penstock db migrate"]
    del pod["metadata"]["annotations"]
    pod["spec"]["restartPolicy"] = "OnFailure"
    spec = {"backoffLimit": 6, "template": pod}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": _meta("setup"), "spec": spec}


def _headless() -> Manifest:
    spec = {
        "clusterIP": "None",
        "selector": {"app.kubernetes.io/name": "penstock"},
        "ports": [{"name": "http", "port": 9_400}],
    }
    meta = {"name": "penstock", "labels": {"app.kubernetes.io/name": "penstock"}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}


def _services() -> list[Manifest]:
    """Whom others speak to: TLS is the ingress' in front of them."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _meta(process.name),
            "spec": {"selector": _labels(process.name), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        }
        for process in PROCESSES
        if process.name in ("gateway", "console")
    ]


def _policies() -> list[Manifest]:
    """Nothing reaches a pod but who reads metrics and, at gateway and console, the ingress: by the labels of their namespaces."""
    every = {"matchLabels": {"app.kubernetes.io/name": "penstock"}}
    watching = [{"namespaceSelector": {"matchLabels": {"penstock/may": "scrape"}}}]
    entering = [{"namespaceSelector": {"matchLabels": {"penstock/may": "enter"}}}]
    closed = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _meta("watched"),
        "spec": {
            "podSelector": every,
            "policyTypes": ["Ingress"],
            "ingress": [{"from": watching, "ports": [{"protocol": "TCP", "port": "http"}]}],
        },
    }
    open_ = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _meta("entered"),
        "spec": {
            "podSelector": {
                "matchExpressions": [
                    {"key": "app.kubernetes.io/component", "operator": "In", "values": ["gateway", "console"]}
                ]
            },
            "policyTypes": ["Ingress"],
            "ingress": [{"from": entering, "ports": [{"protocol": "TCP", "port": "http"}]}],
        },
    }
    return [closed, open_]


def rendered() -> str:
    """The file's text."""
    text: str = yaml.safe_dump_all(manifests(), sort_keys=False, allow_unicode=True, width=140)
    return _HEAD + text


if __name__ == "__main__":
    OUTPUT.write_text(rendered(), "utf-8")
