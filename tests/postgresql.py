"""Runs a command with DATABASE_URL set to a PostgreSQL of its own, and with its tools on PATH, such as pg_dump.

python -m tests.postgresql COMMAND …
"""

from __future__ import annotations

import os
import subprocess
import sys

from lab.harness.ending import interrupt_on_sigterm
from lab.harness.postgresql import postgresql_server

if __name__ == "__main__":
    interrupt_on_sigterm()
    with postgresql_server() as server:
        path = f"{server.tools}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "DATABASE_URL": server.url, "PATH": path}
        command = subprocess.run(sys.argv[1:], env=environment, check=False)
    sys.exit(command.returncode)
