"""Commands that start servers stop them when they are ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import signal
from lab.harness.ending import interrupt_on_sigterm
from lab.harness.postgresql import postgresql_server

interrupt_on_sigterm()
with postgresql_server() as server:
    print(server._server.get_postmaster_info().process.pid, server._server.pgdata, flush=True)
    signal.pause()
"""


def is_running(process_id: str) -> bool:
    """Whether a process runs. One that ended has no command line, also before its parent has noted its end."""
    command_line = Path(f"/proc/{process_id}/cmdline")
    return command_line.exists() and bool(command_line.read_bytes())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_ended_leaves_no_server_and_no_folder(number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout is not None
        server, folder = command.stdout.readline().decode().split(maxsplit=1)
        assert is_running(server)

        command.send_signal(number)
        command.communicate(timeout=60)

    assert not is_running(server)
    assert not Path(folder.strip()).exists()
