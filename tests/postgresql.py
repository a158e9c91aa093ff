"""Runs a command with DATABASE_URL set to a PostgreSQL of its own: `python -m tests.postgresql COMMAND …`."""

from __future__ import annotations

import os
import subprocess
import sys

from lab.harness.postgresql import postgresql

if __name__ == "__main__":
    with postgresql() as address:
        command = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": address}, check=False)
    sys.exit(command.returncode)
