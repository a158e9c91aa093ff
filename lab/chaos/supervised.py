"""A trial shop of which `manage.py run_shop` is the one process, and a journal of the saves that it acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from lab.chaos.pictures import digest, picture
from lab.harness.trial_shop import TrialShop

# What a frozen process has taken is not answered. A save may wait for others' transactions.
ANSWERS_WITHIN_S, SAVES_WITHIN_S = 10.0, 30.0
# Pictures that are saved have other numbers than the one that is searched for.
FIRST_SAVED = 1_000
ARTICLES = 20
# Adds articles, and prints a token of staff and the ids.
PREPARE = f"""
from django.contrib.auth.models import User
from catalogue.models import ApiToken, Article
articles = [Article.objects.create(sku=f"FAULT-{{n}}", name="Trial", price="1.00") for n in range({ARTICLES})]
print(ApiToken.issue(User.objects.create_superuser("staff"), "chaos")[1], *(one.pk for one in articles))
"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A picture whose save was acknowledged, and from when to when it was asked, on the monotonic clock."""

    number: int
    asked: float
    answered: float


class SupervisedShop(TrialShop):
    """A shop that supervises itself, with its watchdog."""

    def __init__(self, **environment: str) -> None:
        super().__init__(**environment)
        self.commands = {"shop": f"{sys.executable} manage.py run_shop"}
        self.numbers = count(FIRST_SAVED)
        self.journal: list[Saved] = []
        self.client.timeout = httpx.Timeout(ANSWERS_WITHIN_S)

    def prepare(self) -> None:
        super().prepare()
        self.token, *self.articles = self.shell(PREPARE).splitlines()[-1].split()

    def members(self, words: str) -> list[int]:
        """Return the shop's processes whose command has these words, by number."""
        process = self.process("shop")
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout  # noqa: S607
        rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
        ours = {process.pid} if process else set()
        # Parents come before their children, unless numbers began anew in between.
        for pid, parent, _command in sorted(rows, key=lambda row: int(row[0])):
            if int(parent) in ours:
                ours.add(int(pid))
        return sorted(int(pid) for pid, _parent, command in rows if int(pid) in ours and words in command)

    def page(self) -> int:
        return self.client.get("/").status_code

    def search(self) -> int:
        return self.client.post("/api/predict", files={"image": picture(0)}).status_code

    def save(self) -> int:
        """Add a photo like no other, and note it in the journal once that is acknowledged."""
        number, asked = next(self.numbers), time.monotonic()
        answer = self.client.post(
            f"/api/articles/{self.articles[number % ARTICLES]}/photos",
            files={"image": ("photo.jpg", picture(number))},
            headers={"Authorization": f"Token {self.token}"},
            timeout=SAVES_WITHIN_S,
        )
        if answer.status_code == httpx.codes.CREATED:
            self.journal.append(Saved(number, asked, time.monotonic()))
        return answer.status_code

    def says(self) -> str:
        try:
            return str(self.health()["status"])
        except (httpx.TransportError, ValueError):
            return "none"

    def undo(self, since: float) -> None:
        """Expect no longer what was answered after `since`, or asked before now: a backup of then was restored."""
        self.journal = [saved for saved in self.journal if saved.answered < since]

    def lost(self, held: Any) -> list[str]:
        """Return what the journal has and rows, files and vectors, as rows.described() gives them, have not."""
        articles = held["articles"].values()
        there = {part: {one for article in articles for one in article[part]} for part in ("rows", "files", "vectors")}
        return [
            f"the {part} of picture {saved.number}"
            for saved in self.journal
            for part, digests in there.items()
            if digest(saved.number) not in digests
        ]
