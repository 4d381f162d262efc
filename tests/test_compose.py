"""Dockerfile and docker-compose.yml, checked as far as that goes without a container engine."""

import importlib
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import Celery
from celery.bin.celery import celery as celery_command
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from dashboard.celery import app
from dashboard.up.address import Address
from dashboard.up.supervisor import beat_command, web_command, worker_command
from dashboard.worker.broker import QUEUES
from tests.variables import in_settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
OURS = ["web", "worker", "beat", "migrate"]
DOCKERFILE = re.sub(r"\\\n( *#.*\n)*", "", (ROOT / "Dockerfile").read_text()).splitlines()
FILLED_IN = {
    "PUBLIC_URL": "https://studio.example",
    "SECRET_KEY": secrets.token_hex(32),
    "MASTER_KEYS": secrets.token_hex(32),
    "POSTGRES_PASSWORD": "ef" * 32,
    "REDIS_PASSWORD": "01" * 32,
    "S3_ACCESS_KEY": "likeness",
    "S3_SECRET_KEY": "23" * 32,
}
NEEDED_ONLY_HERE = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}


def lines(instruction: str) -> list[str]:
    """What follows *instruction* on each line of the Dockerfile that begins with it."""
    return [line.removeprefix(instruction).strip() for line in DOCKERFILE if line.startswith(f"{instruction} ")]


def image_environment() -> dict[str, str]:
    return dict(word.split("=", 1) for line in lines("ENV") for word in shlex.split(line))


def command(service: str) -> list[str]:
    """The words that the container of *service* runs: its own, or else the image's."""
    given = SERVICES[service].get("command")
    return shlex.split(given) if given else json.loads(lines("CMD")[0])


def words(given: list[str]) -> list[str]:
    """A command line of `up` as the image has it: Python from the path, files as seen from the image's folder."""
    return ["python", *(word.replace(f"{ROOT}/", "") for word in given[1:])]


def filled_in(text: str) -> str:
    """*text* with Compose's variables replaced as a filled-in .env does."""
    return re.sub(r"\$\{(\w+)(?::[?-]([^}]*))?\}", lambda found: FILLED_IN.get(found[1], found[2] or ""), text)


def test_the_file_is_what_the_compose_specification_allows():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_production_is_there_with_a_check_of_its_health():
    assert set(SERVICES) == {*OURS, "postgres", "valkey", "storage"}
    for name in SERVICES.keys() - {"web", "migrate"}:  # the web server's check is the image's; the other runs once
        assert SERVICES[name]["healthcheck"]["test"]
    assert lines("HEALTHCHECK")


@pytest.mark.parametrize("service", SERVICES)
def test_parts_wait_for_what_exists_and_volumes_are_declared(service: str):
    for other, how in SERVICES[service].get("depends_on", {}).items():
        assert how["condition"] == ("service_completed_successfully" if other == "migrate" else "service_healthy")
        assert other in SERVICES
    named = {volume.split(":")[0] for volume in SERVICES[service].get("volumes", []) if ":" in volume}
    assert named <= set(yaml.safe_load(COMPOSE.read_text())["volumes"])


def test_workers_clear_away_what_uploads_left_half_finished():
    at_data = {name: [one for one in SERVICES[name]["volumes"] if one.endswith(":/data")] for name in ("web", "worker")}
    assert at_data["web"] == at_data["worker"] == ["incoming:/data"]


def test_web_servers_can_be_several():
    [published] = SERVICES["web"]["ports"]
    ports = "8000-8003"
    assert filled_in(published) == "127.0.0.1:8000:8000"
    assert published.replace("${WEB_PORT:-8000}", ports) == f"127.0.0.1:{ports}:8000"
    for name in ("web", "worker"):
        assert not {"container_name", "hostname"} & SERVICES[name].keys(), "only one could have it"


def test_a_database_that_is_only_being_made_does_not_count_as_healthy():
    check = SERVICES["postgres"]["healthcheck"]["test"]
    assert check[check.index("--host") + 1] == "127.0.0.1"


def test_the_database_takes_the_connections_of_several_web_servers_and_workers():
    given = dict(word.split("=") for word in map(filled_in, SERVICES["postgres"]["command"]) if "=" in word)
    web, worker = (
        int(command(name)[command(name).index(option) + 1])
        for name, option in (("web", "--blocking-threads"), ("worker", "--concurrency"))
    )
    reserved = 3  # for superusers, by PostgreSQL's own default
    assert 4 * web + 4 * worker + reserved + len(OURS) <= int(given["max_connections"])


def test_no_secret_is_part_of_a_command_line(tmp_path: Path):
    for name, service in SERVICES.items():
        words = [service.get("command", ""), service.get("entrypoint", ""), service.get("healthcheck", {}).get("test")]
        assert not re.search(r"\$\{\w*(PASSWORD|SECRET|KEY)", json.dumps(words)), name
    # The broker's comes by its standard input, also where a shell puts it there.
    (tmp_path / "valkey-server").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > arguments\ncat > configuration\n')
    (tmp_path / "valkey-server").chmod(0o755)
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REDISCLI_AUTH": FILLED_IN["REDIS_PASSWORD"]}
    words = [word.replace("$$", "$") for word in SERVICES["valkey"]["command"]]
    subprocess.run(words, cwd=tmp_path, env=told, check=True)
    assert (tmp_path / "arguments").read_text().split()[-1] == "-"
    assert FILLED_IN["REDIS_PASSWORD"] not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "configuration").read_text() == f"requirepass {FILLED_IN['REDIS_PASSWORD']}\n"


def test_images_of_others_are_pinned():
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += [line.split()[0] for line in lines("FROM")]
    for image in images:
        assert re.search(r":\d[\w.-]*$", image), image


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_a_setting(service: str):
    assert set(SERVICES[service]["environment"]) <= in_settings()


def test_the_image_sets_only_settings_and_what_its_programs_read():
    programs = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "DJANGO_SETTINGS_MODULE"}
    memory = {"MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"}
    assert set(image_environment()) - programs - in_settings() == {"CELERY_SKIP_CHECKS", *memory}


def test_what_must_be_filled_in_is_asked_for_in_the_example():
    asked = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    assert asked == set(FILLED_IN)
    assert asked - NEEDED_ONLY_HERE <= in_settings()
    example = (ROOT / ".env.example").read_text()
    for name in asked:
        assert re.search(rf"^{name}=", example, re.MULTILINE), name


def test_settings_and_deployment_checks_accept_a_filled_in_file():
    given = {name: filled_in(value) for name, value in SERVICES["web"]["environment"].items()}
    environment = {**image_environment(), **given, "PATH": os.environ["PATH"]}
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_web_server_worker_and_beat_are_started_as_up_starts_them():
    assert command("web") == words(web_command(Address("0.0.0.0", 8000)))
    assert command("worker") == words(worker_command())
    assert command("beat") == words(beat_command(Path("/tmp")))


def test_the_applications_named_exist():
    for service in ("worker", "beat"):
        module = command(service)[command(service).index("--app") + 1]
        assert isinstance(importlib.import_module(module).app, Celery)
        assert service in celery_command.commands
    module, _, name = command("web")[-1].partition(":")
    assert "--factory" in command("web")
    assert callable(getattr(importlib.import_module(module), name))
    assert module == settings.WSGI_APPLICATION.removesuffix(".application")


def test_the_preparation_is_a_command_with_that_option():
    _, _, name, *options = command("migrate")
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert parser.parse_args(options).database_only


def test_workers_take_from_every_queue_that_messages_are_sent_to():
    taken = set(command("worker")[command("worker").index("--queues") + 1].split(","))
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert taken == set(QUEUES) == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_every_route_leads_from_a_real_task():
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled | set(settings.CELERY_TASK_ROUTES) <= set(app.tasks)


def test_the_health_check_asks_an_address_that_exists():
    module = lines("HEALTHCHECK")[0].split('"')[-2]
    path = re.search(r'"(/health/[^"]+)"', (ROOT / f"{module.replace('.', '/')}.py").read_text())
    assert path
    assert resolve(path[1]).url_name == "live"


def test_a_web_server_that_is_not_there_is_not_healthy():
    asked = [sys.executable, "-c", "import dashboard.up.healthy as h; h.PORT = 9; raise SystemExit(h.main())"]
    assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 1


def test_what_the_image_copies_exists_and_is_sent_to_the_builder():
    kept = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"]
    for line in lines("COPY"):
        for source in line.split()[:-1]:
            if not source.startswith(("--from", "/")):
                assert (ROOT / source).exists()
                assert any(fnmatch(source, pattern) for pattern in kept)


def test_packages_are_installed_by_their_hashes_and_nothing_runs_as_root():
    assert any("--require-hashes" in line and "requirements.txt" in line for line in lines("RUN"))
    assert lines("USER")[-1] not in {"root", "0"}
    assert not re.search(r"(?i)(secret|password|master_keys?)=", (ROOT / "Dockerfile").read_text())


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_containers_of_ours_cannot_change_themselves(service: str):
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["cap_drop"] == ["ALL"]
