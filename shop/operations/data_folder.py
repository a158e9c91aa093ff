"""The data folder: creation, file permissions, and the path of the broker's Unix socket."""

from __future__ import annotations

import contextlib
import os
import stat
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# They hold sessions, password hashes, original photos, also of unsaved forms, shoppers' feedback, and access to the
# broker.
PRIVATE_FOLDERS = ("photos", "files", "broker", "log", "run", "waiting", "given", "drafts")
PRIVATE_FILES = ("secret-key", "admin-login.json", "shop.sqlite3", "shop.sqlite3-wal", "shop.sqlite3-shm")

# The size of sun_path in Linux's sockaddr_un, less the terminating zero.
LONGEST_SOCKET_PATH = 107
# Not TMPDIR, which may differ between the terminals of one shop's processes.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108  (a folder in it is ours alone, or refused)


def open_data_folder(name: str) -> Path:
    """Return the absolute path of a data folder, creating it. Raises ImproperlyConfigured if it cannot be used."""
    try:
        folder = Path(name).expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for private in PRIVATE_FOLDERS:
            (folder / private).mkdir(mode=0o700, exist_ok=True)
            close_to_others(folder / private)
        for private in PRIVATE_FILES:
            close_to_others(folder / private)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ImproperlyConfigured(
            f"The data folder {name} cannot be used ({reason}). Set SHOP_DATA_DIR to a folder that you may write to."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be written to. Let yourself write to it, or set SHOP_DATA_DIR."
        )
    return folder


def close_to_others(path: Path) -> None:
    """Remove the permissions of group and others from a path that others may access, as with a default umask.

    A path that only its group may access was set so on purpose and stays so. The data folder itself is not changed if
    it existed before: it may be /srv.
    """
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_IRWXO:
            path.chmod(mode & stat.S_IRWXU)


def broker_socket(run: Path) -> Path:
    """Return the path of the broker's socket: in `run`, or in a short folder of the same owner if that is too long.

    Clients unpickle data of the broker, so a folder of another user would allow code execution. It is refused with
    ImproperlyConfigured.
    """
    socket = run / "valkey.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    owner = run.stat().st_uid
    folder = SHORT_FOLDERS / f"vitrine-{sha256(os.fsencode(run)).hexdigest()[:16]}"
    if owner == os.geteuid():
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ImproperlyConfigured(
                f"{folder} is somebody else's. Remove it, or set SHOP_DATA_DIR to a folder with a shorter path."
            )
    return folder / socket.name
