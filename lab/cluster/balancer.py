"""A load balancer before the machines: HAProxy, from the system's packages."""

from __future__ import annotations

import csv
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab.cluster.services import running
from lab.harness.trial_shop import TrialError, free_port, wait_until

# Two failed checks take a machine out, one good check takes it in again.
CONFIGURATION = """
global
    stats socket {folder}/haproxy.sock mode 600 level admin
defaults
    mode http
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    retries 2
    option redispatch 1
frontend shop
    bind 127.0.0.1:{port}
    default_backend machines
backend machines
    balance roundrobin
    option httpchk GET /api/health/ready
    http-check send hdr Host localhost
    http-check expect status 200
    default-server check inter 500ms fall 2 rise 1
{servers}
"""
DRAINS_WITHIN_S = 90.0


class Balancer:
    """A running HAProxy. Machines are drained before they are stopped, as for an upgrade."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._socket = folder / "haproxy.sock"

    def drain(self, name: str) -> None:
        """Send a machine no further requests, and wait until it has answered those it has."""
        self._command(f"set server machines/{name} state drain")
        wait_until(lambda: self.requests_at(name) == 0, within_s=DRAINS_WITHIN_S, what=f"{name} is drained")

    def readmit(self, name: str) -> None:
        self._command(f"set server machines/{name} state ready")
        wait_until(lambda: self.is_up(name), within_s=DRAINS_WITHIN_S, what=f"{name} is used again")

    def is_up(self, name: str) -> bool:
        return self._row(name)["status"] == "UP"

    def requests_at(self, name: str) -> int:
        return int(self._row(name)["scur"])

    def _row(self, name: str) -> Mapping[str, str]:
        lines = self._command("show stat").removeprefix("# ").splitlines()
        return next(row for row in csv.DictReader(lines) if row["pxname"] == "machines" and row["svname"] == name)

    def _command(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.sendall(f"{command}\n".encode())
            parts = []
            while part := connection.recv(65_536):
                parts.append(part)
        return b"".join(parts).decode()


@contextmanager
def balancer(ports: Mapping[str, int]) -> Iterator[Balancer]:
    """Yield a balancer before the machines of these names and ports. Raises TrialError without HAProxy."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin")
    if program is None:
        raise TrialError("HAProxy is missing. Install the package haproxy of your system.")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="vt-") as name:
        folder = Path(name)
        servers = "\n".join(f"    server {machine} 127.0.0.1:{at}" for machine, at in ports.items())
        file = folder / "haproxy.cfg"
        file.write_text(CONFIGURATION.format(folder=folder, port=port, servers=servers))
        with running([program, "-f", str(file)]):
            opened = Balancer(folder, port)
            wait_until((folder / "haproxy.sock").exists, within_s=30, what="HAProxy is ready")
            for machine in ports:
                wait_until(lambda: opened.is_up(machine), within_s=60, what=f"{machine} is up")  # noqa: B023  (awaited at once)
            yield opened
