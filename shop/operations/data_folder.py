"""The folder of a shop's data: made, private, and with a socket that the kernel takes."""

from __future__ import annotations

import contextlib
import os
import stat
from hashlib import sha256
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# What holds sessions, password hashes, photos as they came, what shoppers did, and who may reach the broker.
PRIVATE_FOLDERS = ("photos", "files", "broker", "log", "run", "waiting", "given")
PRIVATE_FILES = ("secret-key", "admin-login.json", "shop.sqlite3", "shop.sqlite3-wal", "shop.sqlite3-shm")

# A socket's path in the kernel's structure, less the zero at its end.
LONGEST_SOCKET_PATH = 107
# Not the one that TMPDIR names: in another terminal that may be another.
SHORT_FOLDERS = Path("/tmp")  # noqa: S108  (a folder in it is ours alone, or refused)


def open_data_folder(name: str) -> Path:
    """Return the whole path of a data folder, made if need be. Raises ImproperlyConfigured if it cannot be used."""
    try:
        folder = Path(name).expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for private in PRIVATE_FOLDERS:
            (folder / private).mkdir(mode=0o700, exist_ok=True)
            close_to_others(folder / private)
        for private in PRIVATE_FILES:
            close_to_others(folder / private)
    except (OSError, RuntimeError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise ImproperlyConfigured(
            f"The data folder {name} cannot be used ({said}). Set SHOP_DATA_DIR to a folder that you may write to."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be written to. Let yourself write to it, or set SHOP_DATA_DIR."
        )
    return folder


def close_to_others(path: Path) -> None:
    """Make a file or folder its owner's alone if it is open to everybody, as it is where nobody thought of it.

    One that is open to a group only was opened to it by somebody, and stays so. The data folder itself is left alone
    where it was there before: it may be /srv.
    """
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_IRWXO:
            path.chmod(mode & stat.S_IRWXU)


def broker_socket(run: Path) -> Path:
    """Return where the broker's socket is: in `run`, or in a short folder of the same owner if that is too long.

    Whoever connects unpickles what the broker says. So somebody else's folder of that name is refused, with
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
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ImproperlyConfigured(
                f"{folder} is somebody else's. Remove it, or set SHOP_DATA_DIR to a folder with a shorter path."
            )
    return folder / socket.name
