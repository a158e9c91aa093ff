"""`benchmark rollout`: promotion and rollback of a model version, repeatedly, while clients search."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from django.core.management.base import CommandParser, OutputWrapper

from lab.benchmarks.load import said
from lab.benchmarks.search import vectors_for
from lab.benchmarks.serving.clients import Client, body_of
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import browser_photos
from lab.benchmarks.serving.tables import at
from lab.benchmarks.serving.trial import stocked_shop
from lab.harness.trial_shop import TrialShop

HELP = "Switching models back and forth under load: no failed search, and back within a second."

GOAL_BACK_S = 1.0
LOGIN = "load"


@dataclass(frozen=True, slots=True)
class Answered:
    """A search: when it was sent and answered (monotonic seconds), and by which model; "" if it failed."""

    sent: float
    ended: float
    model: str
    why: str = ""


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--articles", type=int, default=5_000, help="articles of the shop, two photos each (5000)")
    parser.add_argument("--clients", type=int, default=8, help="clients that search at once (8)")
    parser.add_argument("--switches", type=int, default=20, help="how often the model changes (20)")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two switches (2)")
    parser.add_argument("--photos", type=Path, help="folder of photos to search with; drawn articles without")
    parser.add_argument("--seed", type=int, default=1, help="of the made vectors (1)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    photo = browser_photos(options["photos"], 1)[0]
    with stocked_shop(vectors_for(options)) as shop:
        shop.shell(
            "from lab.benchmarks.serving.stock import stock_second; stock_second();"
            f"from django.contrib.auth.models import User; User.objects.create_superuser('{LOGIN}', password='{LOGIN}')"
        )
        key = shop.shell(
            "from visualsearch.models import ModelVersion; print(ModelVersion.objects.get(state='ready').pk)"
        ).splitlines()[-1]
        switched: list[tuple[float, float, str]] = []
        with searching(shop.port, photo, options["clients"]) as answers, staff(shop) as admin:
            time.sleep(options["pause"])
            for number in range(options["switches"]):
                began = time.monotonic()
                serving = press_back(admin) if number else promote(admin, key)
                switched.append((began, time.monotonic(), serving))
                time.sleep(options["pause"])
    out.write(report(answers, switched, options))


@contextmanager
def searching(port: int, photo: bytes, clients: int) -> Iterator[list[Answered]]:
    """Yield a list that is filled with answers to concurrent clients while the block runs."""
    answers: list[Answered] = []
    over, body = threading.Event(), body_of(photo)

    def work() -> None:
        client = Client(port, "/api/predict")
        while not over.is_set():
            sent = time.monotonic()
            try:
                status, answer = client.send(body)
                model = json.loads(answer)["model"]["name"] if status == 200 else ""
                why = "" if model else f"{status}: {answer[:200]!r}"
            except (OSError, http.client.HTTPException) as error:
                client.close()
                model, why = "", repr(error)
            answers.append(Answered(sent, time.monotonic(), model, why))
        client.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def staff(shop: TrialShop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.address, follow_redirects=True, timeout=60) as client:
        client.get("/admin/login/")
        client.post("/admin/login/", data={"username": LOGIN, "password": LOGIN, "csrfmiddlewaretoken": token(client)})
        yield client


def token(client: httpx.Client) -> str:
    return next(value for name, value in client.cookies.items() if name.startswith("csrftoken"))


def promote(admin: httpx.Client, key: str) -> str:
    """Promote the version with this primary key, and return the name of the serving model."""
    sent = {"do": "promote", "csrfmiddlewaretoken": token(admin)}
    admin.post(f"/admin/visualsearch/modelversion/{key}/steer/", data=sent, follow_redirects=False)
    return serving_of(admin)


def press_back(admin: httpx.Client) -> str:
    """Roll back to the previous version, and return the name of the serving model."""
    sent = {"csrfmiddlewaretoken": token(admin)}
    admin.post("/admin/visualsearch/modelversion/back/", data=sent, follow_redirects=False)
    return serving_of(admin)


def serving_of(admin: httpx.Client) -> str:
    model: str = admin.get("/api/health").json()["model"]["name"]
    return model


def report(answers: Sequence[Answered], switched: Sequence[tuple[float, float, str]], options: dict[str, Any]) -> str:
    failed = [answer for answer in answers if not answer.model]
    ends = [began for began, _, _ in switched[1:]] + [max(answer.sent for answer in answers)]
    lasted = []
    for (began, _, serving), end in zip(switched, ends, strict=True):
        # Searches answered after the next switch began may have used the next model.
        within = [answer for answer in answers if began <= answer.sent and answer.ended < end]
        late = [answer.sent - began for answer in within if answer.model != serving]
        lasted.append(max(late, default=0.0))
    latencies = sorted((answer.ended - answer.sent) * 1000 for answer in answers if answer.model)
    names = {name for _, _, name in switched}
    lines = [
        f"{options['articles']:,} articles, {options['clients']} clients, {len(switched)} switches between "
        f"{' and '.join(sorted(names))}",
        f"{len(answers):,} searches, {len(failed)} failed{': ' + failed[0].why if failed else ''}; "
        f"ms: p50 {at(latencies, 0.5):.0f}, p95 {at(latencies, 0.95):.0f}, highest {at(latencies, 1.0):.0f}",
        "seconds from pressing the button until no search that begins is answered by the model before: "
        f"median {statistics.median(lasted):.2f}, longest {max(lasted):.2f}",
        said("0 failed searches", not failed, f"{len(failed)}"),
        said(f"back within {GOAL_BACK_S:g} s", max(lasted) <= GOAL_BACK_S, f"{max(lasted):.2f} s"),
        said("both models answered", len(names) == 2, ", ".join(sorted(names))),
    ]
    return "\n".join(lines)
