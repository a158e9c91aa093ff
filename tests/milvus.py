"""Runs a command with TEST_MILVUS_URI set to a Milvus server of its own: a cluster's server in one process.

python -m tests.milvus COMMAND …
"""

from __future__ import annotations

import os
import subprocess
import sys

from lab.harness.ending import interrupt_on_sigterm
from lab.harness.milvus import milvus_server

if __name__ == "__main__":
    interrupt_on_sigterm()
    with milvus_server() as server:
        command = subprocess.run(sys.argv[1:], env={**os.environ, "TEST_MILVUS_URI": server.uri}, check=False)
    sys.exit(command.returncode)
