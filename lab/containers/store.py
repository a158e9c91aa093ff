"""Images, and containers made from them, in a folder of their own: deleting that leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.containers import sandbox

# Space that a base, what is built, and the copies of both take at the most.
NEEDED_BYTES = 8_000_000_000
TOOLS = ("buildah", "debootstrap", "setpriv", "unshare")


class Store:
    """A folder of buildah's. Driver vfs works everywhere, as a plain copy of each layer."""

    def __init__(self, folder: Path, driver: str = "vfs") -> None:
        self.folder = folder
        self.environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
        self.command = ["buildah", "--storage-driver", driver, "--root", f"{folder}/root", "--runroot", f"{folder}/run"]

    def buildah(self, *arguments: str | Path, network: bool = True, output: bool = False) -> str:
        """Run buildah, and return what it printed if `output`. Raises SandboxError unless it succeeds."""
        said = sandbox.run(
            [*self.command, *map(str, arguments)], network=network, environment=self.environment, output=output
        )
        return said.strip()

    def has(self, image: str) -> bool:
        # A name without a registry is one of this machine.
        named = image if image.count("/") else f"localhost/{image}"
        return named in self.buildah("images", "--format", "{{.Name}}:{{.Tag}}", output=True).split()

    @contextmanager
    def cleaned(self) -> Iterator[None]:
        """Delete the containers in the end, also those that an interrupted build made; images stay."""
        try:
            yield
        finally:
            # Not to be interrupted: a copy of an image is 1 GB.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            self.buildah("rm", "--all", output=True)


def require(*tools: str) -> None:
    """End the process with a remedy if it cannot run these tools."""
    lacking = [tool for tool in tools if shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None]
    if lacking:
        sys.exit(f"There is no {', '.join(lacking)}. Debian: apt-get install buildah debootstrap util-linux iproute2.")
    if os.geteuid():
        sys.exit("Images are built and started by root here, in namespaces of their own.")
