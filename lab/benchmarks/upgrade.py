"""`benchmark upgrade`: what upgrading a large shop of version 0.1.0 costs on PostgreSQL, and how long others wait.

Rows alone, without files: articles with a photo each, a vector and an entry of the change log. Each migration is timed
by the clock, and by the processor time of this process and of its connection's server process; meanwhile one other
connection writes to an article, and one reads it, twenty times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lab.benchmarks.serving.machine import machine
from lab.harness.postgresql import postgresql
from lab.harness.trial_shop import TrialShop

HELP = "Time and locks of each migration from version 0.1.0, in a large shop on PostgreSQL."
# The last migrations of that version.
FROM = [("catalogue", "0005_partners_and_kept_answers"), ("visualsearch", "0006_models_in_rotation")]
# Users, sessions and the like are small, and are not timed.
APPS = {"catalogue", "visualsearch"}
SHOWN_FROM_S = 0.5
ROWS = """
INSERT INTO catalogue_category (path, depth, numchild, name, name_fr, slug)
    VALUES ('0001', 1, 0, 'Shirts', '', 'shirts');
INSERT INTO visualsearch_modelversion (name, version, state, dimensions, card_sha256, epoch, head, rebuild_wanted,
    created, head_mark, serves_when_built, shadow, share)
    VALUES ('model', '1', 'serving', 256, '', 'epoch', {articles}, false, now(), '{articles}', false, false, 0);
INSERT INTO catalogue_article (sku, name, name_fr, slug, description, description_fr, price, currency, sizes, stock,
    published, created, updated, brand_id, category_id)
    SELECT 'SKU-' || n, 'Shirt number ' || n, 'Chemise ' || n, 'shirt-' || n, repeat('Linen, made to last. ', 10), '',
    n % 300, 'EUR', '["S", "M"]', n % 9, true, now(), now(), NULL, (SELECT min(id) FROM catalogue_category)
    FROM generate_series(1, {articles}) n;
INSERT INTO catalogue_photo (file, position, alt, sha256, created, article_id)
    SELECT 'a/' || id || '.jpg', 0, '', md5(id::text) || md5(id::text), now(), id FROM catalogue_article;
INSERT INTO visualsearch_photoembedding (vector, photo_sha256, created, model_version_id, photo_id)
    SELECT decode(repeat(md5(id::text), 32), 'hex'), sha256, now(), (SELECT min(id) FROM visualsearch_modelversion), id
    FROM catalogue_photo;
INSERT INTO visualsearch_logentry (sequence, photo_id, model_version_id, mark)
    SELECT row_number() OVER (ORDER BY id), id, (SELECT min(id) FROM visualsearch_modelversion), id::text
    FROM catalogue_photo;
ANALYZE;
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--articles", type=int, default=1_000_000, help="how many (1,000,000)")


def run(options: dict[str, Any], out: TextIO) -> None:
    out.write(machine())
    with postgresql() as url:
        shop = TrialShop(DATABASE_URL=url)
        try:
            said = shop.shell(f"from lab.benchmarks import upgrade; print(upgrade.measured({options['articles']}))")
        finally:
            shop.client.close()
            shop.__exit__()
    rows = json.loads(said.splitlines()[-1])
    out.write(f"{'migration':<50} {'time':>8} {'processor':>9} {'write waits':>11} {'read waits':>10}")
    for name, *seconds in rows:
        if max(seconds) >= SHOWN_FROM_S:
            out.write(f"{name:<50} " + " ".join(f"{value:>8.1f} s" for value in seconds))
    longest = [max(row[number] for row in rows) for number in (3, 4)]
    took, cpu = (sum(row[number] for row in rows) for number in (1, 2))
    out.write(f"{'all ' + str(len(rows)):<50} " + " ".join(f"{value:>8.1f} s" for value in (took, cpu, *longest)))


class Waits(threading.Thread):
    """Runs a statement twenty times a second on its own connection, and keeps the longest time that one took."""

    def __init__(self, statement: str, parameters: list[int]) -> None:
        super().__init__(daemon=True)
        self.statement, self.parameters = statement, parameters
        self.ended = threading.Event()
        self.longest = 0.0
        self._since = 0.0

    def run(self) -> None:
        with connection.cursor() as cursor:
            while not self.ended.wait(0.05):
                self._since = time.monotonic()
                cursor.execute(self.statement, self.parameters)
                self.longest, self._since = max(self.longest, time.monotonic() - self._since), 0.0
        connection.close()

    def read(self) -> float:
        """Return the longest time in seconds since the last call; a wait that goes on counts as far as it went."""
        longest, self.longest = max(self.longest, time.monotonic() - self._since if self._since else 0.0), 0.0
        return longest


def measured(articles: int) -> str:
    """Fill a shop of version 0.1.0 and upgrade it. Returns a migration and four seconds a row, as JSON."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] in {"auth", "contenttypes"}]
    executor.migrate([*FROM, *others])
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(articles=articles))
        cursor.execute("SELECT pg_backend_pid()")
        server = cursor.fetchone()[0]
    middle = [articles // 2]
    waits = [
        Waits("UPDATE catalogue_article SET updated = now() WHERE id = %s", middle),
        Waits("SELECT name FROM catalogue_article WHERE id = %s", middle),
    ]
    for thread in waits:
        thread.start()
    rows: list[list[Any]] = []
    begun: list[float] = []

    def note(action: str, migration: Any = None, fake: bool | None = False) -> None:
        if action == "apply_start":
            begun[:] = [time.monotonic(), used_s(server)]
            for thread in waits:
                thread.read()
        if action == "apply_success" and migration.app_label in APPS:
            took, cpu = time.monotonic() - begun[0], used_s(server) - begun[1]
            rows.append([str(migration), took, cpu, *(thread.read() for thread in waits)])

    upgrade = MigrationExecutor(connection, progress_callback=note)
    upgrade.migrate(upgrade.loader.graph.leaf_nodes())
    for thread in waits:
        thread.ended.set()
        thread.join()
    return json.dumps(rows)


def used_s(server: int) -> float:
    """Return the processor seconds of this process and of a server process of this machine."""
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
