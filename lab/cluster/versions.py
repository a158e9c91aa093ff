"""The code of another version of this project, for machines that begin with it."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.harness.trial_shop import ROOT, TrialError


@contextmanager
def checkout(version: str) -> Iterator[Path]:
    """Yield the folder of a version's code: the folder of that name, or a commit, unpacked while the block runs.

    Raises TrialError for what is neither.
    """
    if (Path(version) / "Procfile").is_file():
        yield Path(version).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="vt-") as name:
        packed, folder = Path(name) / "code.tar", Path(name) / "code"
        command = ["git", "archive", f"--output={packed}", "--end-of-options", version]
        try:
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603  (a developer's own repository)
        except (OSError, subprocess.CalledProcessError) as error:
            raise TrialError(
                f"{version} is neither a checkout nor a commit: {getattr(error, 'stderr', error)}"
            ) from error
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
        yield folder
