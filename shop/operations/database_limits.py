"""How long statements of each kind of process may wait and last on PostgreSQL, and how its connections are kept.

Whoever uses the connection of settings has no limits but those of the role: so have commands. The web server and the
workers call `limit_web` and `limit_worker` as they start. The limits are parameters of each new connection, so that
they cost no statement. SQLite has its `timeout` alone, which settings set.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connections

# Seconds that a request waits for a connection of the pool.
CONNECTED_WITHIN_S = 5.0
# Seconds after which a connection that nobody used is closed, and after which each is made anew.
IDLE_AT_MOST_S, OLD_AFTER_S = 300.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds: waiting for a lock; running a statement, that wait included; a transaction that does nothing."""

    lock_s: float
    statement_s: float
    idle_s: float

    def as_options(self) -> str:
        """Return them as libpq's `options` have them."""
        parameters = {
            "lock_timeout": self.lock_s,
            "statement_timeout": self.statement_s,
            "idle_in_transaction_session_timeout": self.idle_s,
        }
        return " ".join(f"-c {name}={seconds * 1000:.0f}" for name, seconds in parameters.items())


# A job waits for locks rather than fail, and builds of an index read all rows. An hour is what the watchdog gives to
# one piece of work; a transaction that does nothing for minutes is of a process that is frozen, and holds locks.
WORKER = Limits(lock_s=60, statement_s=3_600, idle_s=300)


def limit_web() -> None:
    """Limit the statements of a web process, and have its threads share a pool of connections. Before the first one."""
    # A request that lasts a minute has lost its reader.
    limits = Limits(settings.LOCK_TIMEOUT_S, settings.STATEMENT_TIMEOUT_S, idle_s=60)
    pool = {
        "min_size": 1,
        "max_size": settings.DATABASE_CONNECTIONS,
        "timeout": CONNECTED_WITHIN_S,
        "max_idle": IDLE_AT_MOST_S,
        "max_lifetime": OLD_AFTER_S,
    }
    _limit(limits, pool if settings.DATABASE_CONNECTIONS else None)


def limit_worker() -> None:
    """Limit the statements of a worker, which has one thread and keeps its connection."""
    _limit(WORKER, None)


def _limit(limits: Limits, pool: dict[str, float] | None) -> None:
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return
    # First, since it would be given to the pool.
    connection.close()
    # In the copy that connections of all threads share.
    database = connection.settings_dict
    options = database["OPTIONS"]
    # What the address says comes last, and so holds.
    options["options"] = f"{limits.as_options()} {options.get('options', '')}".strip()
    if pool is not None:
        options["pool"] = pool
        # Connections go back to the pool after each request.
        database["CONN_MAX_AGE"] = 0
