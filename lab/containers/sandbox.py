"""Commands in namespaces of their own, so that nothing that they start or mount outlives them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

# What util-linux brings on every Debian. The kernel ends all processes of a PID namespace with its first one, and
# unmounts what only a mount namespace has. setpriv has unshare end with us, even if we are killed.
_ISOLATED = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child")


class SandboxError(Exception):
    """A command failed; the text has its name and status."""


def isolated(command: Sequence[str], *, network: bool = True) -> list[str]:
    """Return a command that runs `command` as the first process of its namespaces. It must be run by root.

    Without `network` there is a loopback alone, which is down.
    """
    return [*_ISOLATED, "--mount-proc", *([] if network else ["--net"]), "--", *command]


def run(
    command: Sequence[str],
    *,
    network: bool = True,
    environment: Mapping[str, str] | None = None,
    output: bool = False,
) -> str:
    """Run a command isolated, and return what it printed if `output`. Raises SandboxError unless it succeeds.

    Whatever interrupts the wait, KeyboardInterrupt included, ends all that the command started, at once.
    """
    with subprocess.Popen(  # noqa: S603  (commands of this folder)
        isolated(command, network=network),
        env=environment,
        stdout=subprocess.PIPE if output else None,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise SandboxError(f"{command[0]} {command[1] if len(command) > 1 else ''} ended with {process.returncode}")
    return said or ""
