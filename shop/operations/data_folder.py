"""The data folder: creation, file permissions, the path of the broker's Unix socket, and a folder in shared memory."""

from __future__ import annotations

import contextlib
import os
import shutil
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
# A file system in memory, which a full disk leaves alone.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (as above)


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
    # A shop whose disk turned read-only goes on showing what it has, also in processes that are started meanwhile.
    if not os.access(folder, os.W_OK | os.X_OK) and not (is_read_only(folder) and (folder / "secret-key").exists()):
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be written to. Let yourself write to it, or set SHOP_DATA_DIR."
        )
    return folder


def is_read_only(folder: Path) -> bool:
    """Return whether the file system of a folder is mounted read-only."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


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
    folder = SHORT_FOLDERS / short_name(run)
    if owner == os.geteuid():
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    if folder.exists() and not is_private(folder, owner):
        raise ImproperlyConfigured(
            f"{folder} is somebody else's. Remove it, or set SHOP_DATA_DIR to a folder with a shorter path."
        )
    return folder / socket.name


def short_name(run: Path) -> str:
    return f"vitrine-{sha256(os.fsencode(run)).hexdigest()[:16]}"


def is_private(folder: Path, owner: int) -> bool:
    """Return whether a path is a folder of this owner, no symbolic link, that nobody else may access."""
    status = folder.lstat()
    others = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not others


def shared_memory_folder(run: Path) -> Path:
    """Return the path of a shop's folder for what must go on when the disk is full: metrics, and heartbeats.

    It is in shared memory, or in `run` where there is none. Whoever runs the shop creates it (make_private).
    """
    return SHARED_MEMORY / short_name(run) if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else run / "shared"


def open_pulse_folder(name: str, unnamed: Path) -> Path:
    """Return the folder in which processes show their pulse, creating it if it is named: nobody else does then.

    Raises ImproperlyConfigured if it cannot be created.
    """
    if not name:
        return unnamed
    try:
        Path(name).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"SHOP_PULSE_DIR cannot be {name}: {error.strerror}.") from error
    return Path(name)


def make_private(folder: Path) -> Path | None:
    """Create a folder, or empty it, and return it; None if that fails, or if it is somebody else's."""
    try:
        if os.path.lexists(folder) and not is_private(folder, os.geteuid()):
            return None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder
