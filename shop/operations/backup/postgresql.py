"""Backup of PostgreSQL, by its own tools pg_dump and pg_restore."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from itertools import dropwhile, islice, takewhile
from pathlib import Path

from django.db import OperationalError

from shop.operations.backup.base import BackupError, DatabaseBackup, Migrations
from shop.operations.files import finish, part_of

# Whoever restores may be another user of another server.
ANYWHERE = ("--no-owner", "--no-privileges", "--no-comments")
ALL_OR_NOTHING = ("--single-transaction", "--exit-on-error")
# How a table begins and ends in a script of pg_restore.
COPY, END = "COPY ", "\\."


class PostgresqlBackup(DatabaseBackup):
    """An archive of pg_dump in its custom format, compressed."""

    FILE = "shop.pgdump"

    def save(self, path: Path) -> None:
        part = part_of(path)
        try:
            self._run_connected("pg_dump", "--format=custom", *ANYWHERE, f"--file={part}")
            self.check(part)
            finish(part, path)
        finally:
            part.unlink(missing_ok=True)

    def check(self, path: Path) -> Migrations:
        # Written as a script, every row of the archive is read.
        run("pg_restore", f"--file={os.devnull}", path)
        script = run("pg_restore", "--file=-", "--data-only", "--table=django_migrations", path)
        copied = dropwhile(lambda line: not line.startswith(COPY), script.splitlines())
        rows = [line.split("\t") for line in takewhile(lambda line: line != END, islice(copied, 1, None))]
        migrations = frozenset((app, name) for _id, app, name, _applied in rows)
        if not any(app == "catalogue" for app, _ in migrations):
            raise BackupError(f"{path} is not a database of a shop.")
        return migrations

    def has_shop(self) -> bool:
        self._connect()
        return bool(self.connection.introspection.table_names())

    def restore(self, path: Path) -> None:
        self._run_connected("pg_restore", *ALL_OR_NOTHING, *ANYWHERE, path)
        self._analyze()

    def replace(self, path: Path) -> None:
        self._run_connected("pg_restore", "--clean", "--if-exists", *ALL_OR_NOTHING, *ANYWHERE, path)
        self._analyze()

    def _analyze(self) -> None:
        """Count what the planner of queries goes by, which is in no archive."""
        with self.connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _connect(self) -> None:
        """Raise BackupError if the database does not answer."""
        try:
            self.connection.ensure_connection()
        except OperationalError as error:
            raise BackupError(f"PostgreSQL does not answer: {error}") from error

    def _run_connected(self, tool: str, *arguments: str | Path) -> None:
        """Run a tool on the database. Raises BackupError as run() does, or if the database does not answer."""
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415  (the driver is optional)

        self._connect()
        info = self.connection.connection.info
        # The password is not for the list of processes.
        secret = {"PGPASSWORD": info.password} if info.password else {}
        version = str(info.server_version // 10_000)
        # Not what the driver's own, newer libpq adds: the tools' may not know it.
        named = self.connection.get_connection_params()
        parameters = {name: value for name, value in info.get_parameters().items() if name in named}
        address = make_conninfo("", **parameters)
        run(tool, f"--dbname={address}", *arguments, environment=secret, version=version)


def run(
    tool: str, *arguments: str | Path, environment: Mapping[str, str] | None = None, version: str = "of the server"
) -> str:
    """Run a tool of PostgreSQL, and return its output.

    Raises BackupError if the tool is missing, or fails, with what it said. `version` is the one that it should have.
    """
    remedy = f"Install the client of PostgreSQL {version} or later (Debian: postgresql-client), with {tool} on PATH."
    try:
        completed = subprocess.run(  # noqa: S603  (PostgreSQL's tools, with arguments of our own)
            [tool, *arguments], env=os.environ | (environment or {}), capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(f"There is no {tool} on this machine. {remedy}") from error
    if completed.returncode:
        said = completed.stderr.strip()
        raise BackupError(f"{tool} failed: {said}" + (f"\n{remedy}" if "version" in said else ""))
    return completed.stdout
