"""The Dockerfile, compose.yaml and the Kubernetes manifests, as far as they can be checked without starting them.

`make test-image` builds the image and starts its services as compose.yaml has them: so what else runs the image is
compared with that.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from lab.containers.compose import ROOT, SAID, interpolated, read, services_of_shop
from lab.containers.trial import USER_ID
from shop.operations.supervisor import read_procfile

COMPOSE = read()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SHOP = {name: service for name, service in SERVICES.items() if "build" in service}
PROCESSES = read_procfile(ROOT / "Procfile")
# Words of the set itself, that the shop does not read.
OUR_OWN = {"SERVICES_PASSWORD"}
# As the trial starts them.
STARTED = services_of_shop()
MANIFESTS = [
    manifest
    for path in sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text())
]
WORKLOADS = {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] in {"Deployment", "Job"}}


def settings_read() -> dict[str, str]:
    """Return the settings' names with what follows them in their call: the default."""
    return dict(re.findall(r'env\.\w+\(\s*"(\w+)"([^)]*)\)', (ROOT / "shop/settings.py").read_text()))


def command_of(service: str) -> str:
    """Return a service's command, without the shell around it."""
    command = interpolated(SERVICES[service]["command"])
    wrapped = re.fullmatch(r'sh -c "(?:exec )?(.*)"', command)
    return wrapped[1] if wrapped else command


def dockerfile() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions: their words, and what follows."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_every_setting_that_is_passed_exists() -> None:
    passed = {name for service in SHOP.values() for name in service["environment"]}
    in_image = {word.split("=")[0] for kind, rest in dockerfile() if kind == "ENV" for word in rest.split()}

    assert passed <= set(settings_read())
    assert {name for name in in_image if name.startswith("SHOP_")} <= set(settings_read())


def test_every_variable_is_a_setting_or_explained_at_the_head() -> None:
    text = (ROOT / "compose.yaml").read_text()
    head = text.split("\nname:")[0]
    named = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    without_default = set(re.findall(r"(?<!\$)\$\{(\w+):\?", text))

    assert named <= set(settings_read()) | OUR_OWN
    assert without_default == set(SAID)
    assert all(f"#   {name} " in head for name in without_default)


def test_the_shop_reads_what_it_is_passed(tmp_path: Path) -> None:
    """With PostgreSQL's and Milvus' clients, as the image has them; what must differ from a shop at home is set."""
    passed = {name: interpolated(str(value)) for name, value in SERVICES["web"]["environment"].items()}
    say = "from shop.settings import *; print(HTTPS, SHOP_NAME, ALLOWED_HOSTS, DATABASES['default'], REDIS_URL)"
    environment = {**os.environ, **passed, "SHOP_DATA_DIR": str(tmp_path)}

    said = subprocess.run(
        [sys.executable, "-c", say], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("True Vitrine ['shop.example', 'localhost']")
    assert "postgresql" in said.stdout
    assert said.stdout.strip().endswith("redis://redis:6379/0")


def test_defaults_that_are_repeated_are_the_settings_own() -> None:
    read = settings_read()
    repeated = {"SHOP_NAME", "SHOP_CURRENCY", "SHOP_TIME_ZONE", "SHOP_VECTOR_INDEX"}

    for name in repeated:
        default = re.search(r'default="([^"]*)"', read[name])
        assert default
        assert SERVICES["web"]["environment"][name] == f"${{{name}:-{default[1]}}}"


@pytest.mark.parametrize("name", ["web", "worker", "bulk", "beat"])
def test_what_runs_is_what_the_procfile_runs(name: str) -> None:
    assert command_of(name) == PROCESSES[name]


def test_nothing_of_the_procfile_is_forgotten() -> None:
    """The broker is Redis here."""
    assert set(PROCESSES) - {"broker"} <= set(SHOP)
    kind, command = dockerfile()[-1]
    assert (kind, PROCESSES["web"] in command) == ("CMD", True)


def test_every_command_of_manage_py_exists() -> None:
    named = re.findall(r"manage\.py (\w+)", (ROOT / "compose.yaml").read_text())

    assert "migrate" in named
    assert set(named) <= set(get_commands())


def test_one_service_migrates_and_the_others_wait_for_it() -> None:
    migrating = [name for name in SERVICES if "migrate" in str(SERVICES[name].get("command"))]

    assert migrating == ["prepare"]
    assert SERVICES["prepare"]["restart"] == "no"
    for name in set(SHOP) - {"prepare"}:
        assert SHOP[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    # The trial starts first what has no health check.
    assert [name for name, service in STARTED.items() if not service.health] == migrating


def test_whoever_is_waited_for_exists_and_can_say_that_it_is_well() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in SERVICES
            if wanted["condition"] == "service_healthy":
                assert SERVICES[name]["healthcheck"]["test"]
    assert {name for name in SERVICES if "healthcheck" not in SERVICES[name]} == {"prepare"}


def test_what_must_survive_lies_in_volumes() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    # What lies in /tmp is of a process, and goes with it.
    assert mounted - {"/tmp"} == set(COMPOSE["volumes"])
    assert all(service.volumes == {"/data": "data", "/tmp": ""} for service in STARTED.values())
    assert "SHOP_DATA_DIR=/data" in next(rest for kind, rest in dockerfile() if kind == "ENV")


def test_images_are_pinned_and_ours_has_the_shops_version() -> None:
    for name, service in SERVICES.items():
        if name in SHOP:
            assert service["image"] == f"vitrine:{settings.VERSION}"
        else:
            assert re.search(r":(v?\d+\.\d+\.?\d*|RELEASE\.\d{4}-)", service["image"]), name
    for kind, rest in dockerfile():
        if kind == "FROM":
            assert re.match(r"debian:12\.\d+-slim", rest)


def test_nobody_outside_this_machine_reaches_a_service_but_through_the_proxy() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_milvus_is_only_started_where_it_is_asked_for() -> None:
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["milvus"]} == {
        "milvus",
        "etcd",
        "minio",
    }


def test_the_image_runs_as_a_user_without_rights() -> None:
    kinds = [kind for kind, _ in dockerfile()]
    user = next(rest for kind, rest in dockerfile() if kind == "USER")

    assert any(
        kind == "RUN" and f"useradd --system --uid {USER_ID} --no-create-home {user}" in rest
        for kind, rest in dockerfile()
    )
    assert "ADD" not in kinds
    assert kinds.index("USER") > max(place for place, kind in enumerate(kinds) if kind in {"RUN", "COPY"})


def test_the_image_has_all_that_a_shop_needs_and_the_builder_sees_it() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    seen = {line[1:].rstrip("/") for line in ignored if line.startswith("!")}
    copied = [
        source
        for kind, rest in dockerfile()
        if kind == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]

    assert all((ROOT / source).exists() for source in copied)
    assert {source.rstrip("/") for source in copied} == seen
    assert "*" in ignored
    assert seen >= {"manage.py", "Procfile", "shop", "catalogue", "visualsearch", "templates", "static", "locale"}
    assert not any(fnmatch(source, secret) for source in seen for secret in (".env", "data", ".venv", ".git"))


def test_the_image_installs_what_the_settings_may_name_as_the_lock_has_it(tmp_path: Path) -> None:
    """uv is run as in the image, on what the image copies for it, but says only what it would install."""
    install = next(rest for kind, rest in dockerfile() if "uv sync" in rest)
    command = re.search(r"uv (sync .*)", install)
    chosen = next(rest for kind, rest in dockerfile() if kind == "ARG" and rest.startswith("EXTRAS="))
    assert command
    copied = next(rest for kind, rest in dockerfile() if kind == "COPY" and "uv.lock" in rest)
    for file in copied.split()[:-1]:
        shutil.copy(ROOT / file, tmp_path)
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("This environment was not built by make: it has no uv.")

    ran = subprocess.run(
        [
            uv,
            *command[1].replace("$EXTRAS", chosen.partition("=")[2].strip('"')).split(),
            "--dry-run",
            "--offline",
            "--python",
            sys.executable,
        ],
        cwd=tmp_path,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv"), "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    named = set(re.findall(r"^ \+ (\S+)==", ran.stderr, re.MULTILINE))
    assert named >= {"django", "psycopg", "pymilvus"}
    assert not named & {"tensorflow", "pytest", "ruff"}
    assert {file.name for file in tmp_path.iterdir()} == {"pyproject.toml", "uv.lock"}


def test_the_image_serves_and_does_no_offline_work() -> None:
    copied = " ".join(rest for kind, rest in dockerfile() if kind == "COPY")

    assert not re.search(r"\b(lab|tests|docs)/", copied)


@pytest.mark.django_db(transaction=True)
def test_the_health_check_of_the_web_server_tells_whether_it_answers(live_server: Any) -> None:
    kind, python, option, program = SERVICES["web"]["healthcheck"]["test"]
    assert (kind, python, option) == ("CMD", "python", "-c")

    def status(port: str) -> int:
        ran = subprocess.run(
            [sys.executable, "-c", interpolated(program)], env={"PORT": port}, capture_output=True, check=False
        )
        return ran.returncode

    assert status(live_server.url.rsplit(":", 1)[1]) == 0
    assert status("1") != 0


def test_the_image_can_dump_the_database_of_the_set() -> None:
    """pg_dump refuses a server that is newer than itself."""
    client = next(re.search(r"postgresql-client-(\d+)", rest) for kind, rest in dockerfile() if kind == "RUN")
    server = re.search(r"postgres:(\d+)\.", SERVICES["postgres"]["image"])
    copied = next(rest for kind, rest in dockerfile() if kind == "COPY" and "pg_dump" in rest)

    assert client
    assert server
    assert int(server[1]) <= int(client[1])
    assert {Path(part).name for part in copied.split()[1:-1]} == {"pg_dump", "pg_restore", "psql"}


def test_nobody_writes_to_the_image_or_gains_rights() -> None:
    for name, service in SHOP.items():
        assert STARTED[name].read_only
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def container_of(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pod of a workload of the manifests, and its one container."""
    pod = WORKLOADS[name]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return pod, container


def test_kubernetes_runs_the_services_of_the_set() -> None:
    assert set(WORKLOADS) == set(STARTED)
    assert WORKLOADS["prepare"]["kind"] == "Job"


@pytest.mark.parametrize("name", STARTED)
def test_kubernetes_runs_them_as_they_were_started(name: str) -> None:
    pod, container = container_of(name)
    service = STARTED[name]
    containers = [container, *pod.get("initContainers", [])]
    rights = pod["securityContext"]

    assert container["command"] == service.command
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == set(service.volumes)
    assert pod["terminationGracePeriodSeconds"] == service.stops_within_s
    assert (rights["runAsNonRoot"], rights["runAsUser"], rights["fsGroup"]) == (True, USER_ID, USER_ID)
    for each in containers:
        assert each["image"] == SERVICES[name]["image"]
        assert each["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(each["resources"]) == {"requests", "limits"}
    if name != "prepare":
        assert "migrate --check" in pod["initContainers"][0]["command"][-1]


@pytest.mark.parametrize("name", ["worker", "bulk", "beat"])
def test_kubernetes_asks_workers_as_the_set_does(name: str) -> None:
    probe, check = container_of(name)[1]["livenessProbe"], SERVICES[name]["healthcheck"]

    assert probe["exec"]["command"] == STARTED[name].health
    assert [f"{probe[key]}s" for key in ("periodSeconds", "timeoutSeconds", "initialDelaySeconds")] == [
        check[key] for key in ("interval", "timeout", "start_period")
    ]


def test_kubernetes_asks_the_web_server_what_balancers_ask() -> None:
    probes = {kind: container_of("web")[1][f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}

    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": "/api/health/live",
        "liveness": "/api/health/live",
        "readiness": "/api/health/ready",
    }
    for probe in probes.values():
        headers = {header["name"]: header["value"] for header in probe["httpHeaders"]}
        assert headers == {"Host": "localhost", "X-Forwarded-Proto": "https"}


def test_kubernetes_passes_the_settings_of_the_set() -> None:
    (config,) = (one["data"] for one in MANIFESTS if one["kind"] == "ConfigMap")
    (secret,) = (one["stringData"] for one in MANIFESTS if one["kind"] == "Secret")
    named = {
        (reference[kind]["name"])
        for name in WORKLOADS
        for reference in container_of(name)[1]["envFrom"]
        for kind in reference
    }

    assert set(config) | set(secret) == set(STARTED["web"].environment)
    assert {name for name in config if re.search("SECRET|ACCESS|PASSWORD|_URL$", name)} <= {"SHOP_CDN_URL"}
    assert named == {"shop"}


def test_kubernetes_starts_one_clock_and_leads_requests_to_the_web_server() -> None:
    (service,) = (one["spec"] for one in MANIFESTS if one["kind"] == "Service")
    (claim,) = (one for one in MANIFESTS if one["kind"] == "PersistentVolumeClaim")
    beat = WORKLOADS["beat"]["spec"]

    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
    assert service["selector"] == WORKLOADS["web"]["spec"]["template"]["metadata"]["labels"]
    assert service["ports"][0]["targetPort"] == 8000
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    for name in WORKLOADS:
        claimed = [one["persistentVolumeClaim"]["claimName"] for one in container_of(name)[0]["volumes"][:1]]
        assert claimed == [claim["metadata"]["name"]]


def test_a_variable_that_nobody_says_and_a_key_that_nobody_starts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = read()
    changed["services"]["web"]["tmpfs"] = ["/tmp"]
    monkeypatch.setattr("lab.containers.compose.read", lambda: changed)

    with pytest.raises(ValueError, match="SHOP_SECRET_KEY"):
        interpolated("${SHOP_SECRET_KEY:?make one}", {})
    with pytest.raises(ValueError, match="tmpfs"):
        services_of_shop()
