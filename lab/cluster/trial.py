"""A trial of a cluster: machines that share no disk are killed, replaced and upgraded while people search."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol

from lab.benchmarks.freshness import draw_photos, measure, saver_command
from lab.benchmarks.freshness_parts.saving import SKU, Journal, Save
from lab.benchmarks.freshness_parts.tables import found_in_all
from lab.benchmarks.rollout import LOGIN, Answered, promote, searching, staff
from lab.benchmarks.serving.photos import browser_photos
from lab.benchmarks.serving.tables import at
from lab.chaos.reading import comes_first
from lab.cluster.balancer import Balancer, balancer
from lab.cluster.machines import Machine
from lab.cluster.report import Report, count_of, failures
from lab.cluster.services import folder_size, object_store, redis_server
from lab.cluster.versions import checkout
from lab.harness.milvus import milvus_server
from lab.harness.postgresql import postgresql_server
from lab.harness.trial_shop import ROOT, wait_until

NAMES = ("m1", "m2", "m3")
# Searches may fail for this long after a machine was killed, until the balancer has noticed.
NOTICED_WITHIN_S = 5.0
FRESH_WITHIN_S = 2.0
EMBEDDED_WITHIN_S = 600.0
# Seconds of searching before and after each event, and without a server that all share.
AROUND_S, AWAY_S = 3.0, 5.0
# Photos whose message was lost with the queue are queued again by `beat`.
FOUND_AFTER_OUTAGE_S = 180.0
SAVES_A_SECOND = 2.0
# Six web processes of three machines are asked; more often, that alone would keep two cores busy.
ASKED_EVERY_S = 0.3
SIDE = 512


class Interruptible(Protocol):
    """A server that all machines share."""

    def end_at_once(self) -> None: ...

    def start_again(self) -> None: ...


class Trial:
    """A cluster that has started, with the demo in it."""

    def __init__(
        self, machines: list[Machine], entrance: Balancer, report: Report, *, clients: int, saves: int
    ) -> None:
        self.machines, self.entrance, self.report = machines, entrance, report
        self._clients, self._saves = clients, saves
        self._begun = 0
        self._photo = browser_photos(None, 1)[0]
        self._saved: list[Save] = []
        self._tokens: dict[int, str] = {}

    def run(self, outages: Mapping[str, Interruptible]) -> None:
        """Try everything. `outages` are the servers that are killed for some seconds, by name."""
        first, second, _ = self.machines
        self._tokens = draw_photos(second, (4 + len(outages)) * self._saves, SIDE)
        self.fresh("on one machine")
        self.killed(first)
        self.replaced()
        self.upgraded()
        self.fresh("on one machine after the upgrade")
        for name, server in outages.items():
            self.interrupted(name, server)
        self.another_model()
        self.nothing_lost()

    def fresh(self, where: str) -> None:
        """Save on one machine, and look for it on all."""
        _, saver, _ = self.machines
        saves, founds = self._save(saver)
        last = found_in_all(founds)
        delays = sorted(last[save.number] - save.committed for save in saves if save.number in last)
        all_of_them = len(delays) == len(saves)
        seconds = f"p50 {at(delays, 0.5):.2f} s, p95 {at(delays, 0.95):.2f} s" if delays else "never"
        kept = all_of_them and at(delays, 0.95) < FRESH_WITHIN_S
        self.report.add(f"{len(saves)} saved {where}, found on all {len(self.machines)}", seconds, kept=kept)

    def killed(self, machine: Machine) -> None:
        """Kill a machine while people search and another one saves."""
        _, saver, _ = self.machines
        with self._searching() as answers:
            killed = time.monotonic()
            machine.kill_all()
            self._save(saver, without=machine)
            # People go on searching, so that late failures are seen.
            time.sleep(NOTICED_WITHIN_S)
        failed, late = failures(answers, after=killed + NOTICED_WITHIN_S)
        self.report.add(
            f"searches failed within {NOTICED_WITHIN_S:g} s of killing a machine, of {len(answers)}",
            str(len(failed) - len(late)),
        )
        self.report.add(f"searches failed later than {NOTICED_WITHIN_S:g} s after", count_of(late), kept=not late)

    def replaced(self) -> None:
        """Put a machine with an empty disk in the place of the killed one."""
        old = self.machines[0]
        self.machines[0] = new = old.successor()
        old.__exit__()
        seconds = new.open()
        wait_until(lambda: self.entrance.is_up(new.name), within_s=60, what=f"{new.name} is used again")
        size = folder_size(new.data / "index") / 1e6
        self.report.add(
            "a machine with an empty disk is ready", f"{seconds:.1f} s, index {size:.1f} MB", kept=seconds < 60
        )

    def upgraded(self) -> None:
        """Have one machine after the other run this code. What the first of them saves, the former code finds."""
        first, saver, third = self.machines
        with self._searching() as answers:
            saver.run_code(ROOT)
            # Before any machine runs the new code, as docs/scaling.md says: the former goes on with the new tables.
            saver.manage("migrate", "--verbosity", "0")
            self._upgrade(saver)
            self.fresh("on the first machine upgraded")
            for machine in (first, third):
                machine.run_code(ROOT)
                self._upgrade(machine)
        self._no_failure("searches failed while all machines were upgraded in turn", answers)

    def _upgrade(self, machine: Machine) -> None:
        self.entrance.drain(machine.name)
        machine.stop_all()
        machine.manage("collectstatic", "--no-input", "--verbosity", "0")
        machine.start_all()
        self.entrance.readmit(machine.name)

    def interrupted(self, name: str, server: Interruptible) -> None:
        """Kill a server that all share, for some seconds, while people search and one machine saves."""
        _, saver, _ = self.machines
        first, journal = self._next(), saver.data / f"outage-{name}.jsonl"
        rate = self._saves / (AROUND_S + AWAY_S + AROUND_S)
        command = saver_command(saver.data / "fresh", journal, first=first, count=self._saves, rate=rate)
        with self._searching() as answers:
            saver.spawn("saver", [*command, "--go-on"])
            # So that people search and save before the outage, in it and after it.
            time.sleep(AROUND_S)
            server.end_at_once()
            time.sleep(AWAY_S)
            server.start_again()
            back = time.monotonic()
            saver.wait_for_end("saver", within_s=FOUND_AFTER_OUTAGE_S)
            time.sleep(NOTICED_WITHIN_S)
        saves = Journal(journal).read()
        self._saved += saves
        failed, late = failures(answers, after=back + NOTICED_WITHIN_S)
        self.report.add(f"{name} killed for {AWAY_S:g} s: searches failed, of {len(answers)}", str(len(failed)))
        self.report.add(
            f"searches failed later than {NOTICED_WITHIN_S:g} s after it was back", count_of(late), kept=not late
        )
        self.report.add(f"saves refused, of {self._saves}", str(self._saves - len(saves)))
        wait_until(
            lambda: all(self._finds(machine, save.number) for machine in self.machines for save in saves),
            within_s=FOUND_AFTER_OUTAGE_S,
            what=f"all machines find what was saved while {name} was away",
            asked_every_s=1,
        )
        self.report.add("the others are found on all", f"{time.monotonic() - back:.1f} s after it was back", kept=True)

    def another_model(self) -> None:
        """Embed the catalogue by another model beside the one that serves, and let it serve."""
        machine = self.machines[-1]
        folder = machine.shell(
            "from django.conf import settings as s; print(s.ARTEFACTS_DIR / s.VISUAL_MODEL['FALLBACK'])"
        )
        with self._searching() as answers, staff(machine) as admin:
            key = machine.shell(
                f"from visualsearch.services.rollout import lifecycle; print(lifecycle.register({folder!r}).pk)"
            )
            ready = f"from visualsearch.models import ModelVersion as V; print(V.objects.get(pk={key}).state)"
            wait_until(
                lambda: machine.shell(ready) == "ready",
                within_s=EMBEDDED_WITHIN_S,
                what="the model is ready",
                asked_every_s=2,
            )
            serving = promote(admin, key)
        after = {self._predict(each)["model"]["name"] for each in self.machines}
        self._no_failure("searches failed while another model took over", answers)
        self.report.add("machines that answer by the new model", str(sorted(after)), kept=after == {serving})

    def nothing_lost(self) -> None:
        for machine in self.machines:
            missing = [save.number for save in self._saved if not self._finds(machine, save.number)]
            self.report.add(
                f"{machine.name}: saved articles that are not found, of {len(self._saved)}",
                count_of(missing),
                kept=not missing,
            )
            checked = machine.manage("check_index", check=False)
            self.report.add(
                f"{machine.name}: check_index",
                "equal" if not checked.returncode else "differs",
                kept=not checked.returncode,
            )

    def _save(self, saver: Machine, *, without: Machine | None = None) -> tuple[list[Save], list[Any]]:
        others = [machine for machine in self.machines if machine not in (saver, without)]
        saves, probes = measure(
            saver,
            self._tokens,
            first=self._next(),
            count=self._saves,
            rate=SAVES_A_SECOND,
            others=others,
            asked_every_s=ASKED_EVERY_S,
        )
        self._saved += saves
        return saves, [probe.found for probe in probes]

    def _next(self) -> int:
        """Return the number of the first of the next photos to save."""
        first, self._begun = self._begun, self._begun + self._saves
        return first

    @contextmanager
    def _searching(self) -> Iterator[list[Answered]]:
        with searching(self.entrance.port, self._photo, self._clients) as answers:
            # So that there are searches before what happens, and after it.
            time.sleep(AROUND_S)
            yield answers
            time.sleep(AROUND_S)

    def _no_failure(self, what: str, answers: Sequence[Answered]) -> None:
        failed = [answer for answer in answers if not answer.model]
        self.report.add(f"{what}, of {len(answers)}", count_of(failed), kept=not failed)

    def _predict(self, machine: Machine) -> Any:
        return machine.predict(self._photo)

    def _finds(self, machine: Machine, number: int) -> bool:
        answer = machine.client.get("/api/search", params={"token": self._tokens[number], "limit": 3})
        return answer.status_code == 200 and comes_first(SKU.format(number), answer.json()["articles"])


def run(report: Report, *, before: str | None, milvus: bool, outages: bool, clients: int, saves: int) -> None:
    """Start everything, run the trial, and stop everything.

    The machines begin with the code of the version `before`, a commit or a checkout, or else with this one.
    """
    with ExitStack() as stack:
        code = stack.enter_context(checkout(before)) if before else ROOT
        database = stack.enter_context(postgresql_server())
        redis_url, redis = stack.enter_context(redis_server())
        shared = {
            "DATABASE_URL": database.url,
            "REDIS_URL": redis_url,
            "SHOP_SECRET_KEY": secrets.token_urlsafe(48),
            # Soon compacted, so that snapshots are published and fetched meanwhile.
            "SHOP_INDEX_COMPACT_CHANGES": "20",
            **stack.enter_context(object_store()),
        }
        if milvus:
            server = stack.enter_context(milvus_server())
            shared |= {"SHOP_VECTOR_INDEX": "visualsearch.index.milvus.MilvusIndex", "SHOP_MILVUS_URI": server.uri}
        machines = [Machine(name, schedules=name == NAMES[0], code=code, **shared) for name in NAMES]
        stack.push(partial(close, machines))
        for machine in machines:
            report.add(f"{machine.name} is ready, its disk empty", f"{machine.open():.1f} s")
        stock(machines)
        entrance = stack.enter_context(balancer({machine.name: machine.port for machine in machines}))
        trial = Trial(machines, entrance, report, clients=clients, saves=saves)
        trial.run({"Redis": redis, "PostgreSQL": database} if outages else {})


def close(machines: Sequence[Machine], kind: type[BaseException] | None, *_: object) -> None:
    """Stop the machines that there are in the end. Their folders are deleted, unless an error ends the trial."""
    for machine in machines:
        machine.keep = kind is not None
        machine.__exit__()


def stock(machines: Sequence[Machine]) -> None:
    """Load the demo on one machine, and wait until all find it."""
    first = machines[0]
    first.manage("load_demo")
    first.shell(
        f"from django.contrib.auth.models import User; User.objects.create_superuser('{LOGIN}', password='{LOGIN}')"
    )
    for machine in machines:
        wait_until(
            machine.is_complete,
            within_s=EMBEDDED_WITHIN_S,
            what=f"{machine.name} finds the demo",
            asked_every_s=0.5,
        )
