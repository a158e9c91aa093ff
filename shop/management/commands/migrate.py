"""Django's migrate, which on PostgreSQL has others wait for it a few seconds at the most."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError, connections

# A change of a table waits for all who use it, and who comes later waits behind it. So it waits no longer than a
# request may, then lets the others pass, and tries again.
WAITS_S, PAUSE_S, ATTEMPTS = 3, 5, 40
LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """Django's migrate. While others hold a lock of PostgreSQL, it lets them pass and tries again, for five minutes."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{WAITS_S}s'")
        try:
            self._attempt(*args, **options)
        finally:
            # A connection that did not survive has no limit to take back.
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")

    def _attempt(self, *args: Any, **options: Any) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE or attempt == ATTEMPTS:
                    raise
                # What was migrated is recorded: the next attempt goes on with the one that waited.
                self.stderr.write(f"Others hold a lock that a migration needs. Trying again in {PAUSE_S} s …")
                time.sleep(PAUSE_S)
            else:
                return
