"""Builds the image of the Dockerfile, on a base that debootstrap makes: no registry is asked.

python -m lab.containers.build --store FOLDER
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from lab.containers import sandbox
from lab.containers.compose import ROOT, image_name
from lab.containers.store import NEEDED_BYTES, TOOLS, Store, require
from lab.harness.ending import interrupt_on_sigterm

SUITE, MIRROR, SECURITY = "bookworm", "http://deb.debian.org/debian", "http://deb.debian.org/debian-security"
# As the registry's base has them.
SOURCES = f"""deb {MIRROR} {SUITE} main
deb {MIRROR} {SUITE}-updates main
deb {SECURITY} {SUITE}-security main
"""
# What the registry's slim base leaves out, and what only apt left.
LEFT_OUT = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "var/lib/apt/lists",
    "var/cache/apt",
    "var/log",
)
# Certificates that this machine adds to the public ones, such as those of a proxy. Only the build sees them.
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")


def base_name() -> str:
    """Return the one image that the Dockerfile builds on."""
    names = set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    if len(names) != 1:
        raise ValueError(f"The Dockerfile builds on {sorted(names)}; one base is made here.")
    return f"docker.io/library/{names.pop()}"


def make_base(store: Store, name: str) -> None:
    """Make the base by debootstrap, and give it the name by which the Dockerfile knows it."""
    # Within the store, so that who deletes that deletes what an interrupted build left, too.
    with tempfile.TemporaryDirectory(dir=store.folder) as made:
        root, archive = Path(made, "root"), Path(made, "base.tar")
        sandbox.run(["debootstrap", "--variant=minbase", SUITE, str(root), MIRROR], output=True)
        for folder in LEFT_OUT:
            for path in (root / folder).glob("*"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        (root / "etc/apt/sources.list").write_text(SOURCES)
        # By an archive, which keeps owners and permissions.
        sandbox.run(["tar", "--create", f"--file={archive}", f"--directory={root}", "."])
        container = store.buildah("from", "scratch", output=True)
        store.buildah("add", "--quiet", container, archive, "/", output=True)
        store.buildah("config", "--cmd", "bash", container)
        store.buildah("commit", "--quiet", container, name, output=True)


def build(store: Store) -> str:
    """Build the image, and return its size as text."""
    store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(store.folder).free
    if free < NEEDED_BYTES:
        sys.exit(f"{store.folder} has {free / 1e9:.1f} GB free; a build may take {NEEDED_BYTES / 1e9:.0f} GB.")
    base, name = base_name(), image_name()
    with store.cleaned():
        if not store.has(base):
            print(f"Making {base} by debootstrap …", flush=True)  # noqa: T201  (this is a command)
            make_base(store, base)
        print(f"Building {name} …", flush=True)  # noqa: T201  (as above)
        own = [f"--volume={OWN_CERTIFICATES}:{OWN_CERTIFICATES}:ro"] if any(OWN_CERTIFICATES.glob("*.crt")) else []
        store.buildah("bud", "--pull-never", "--layers=false", "--quiet", *own, f"--tag={name}", ROOT)
        # What it took the place of.
        store.buildah("rmi", "--prune", output=True)
    return store.buildah("images", "--format", "{{.Size}}", name, output=True)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True, help="the folder of images")
    parser.add_argument(
        "--driver", default="vfs", help="how layers are stored; overlay takes less space where it works"
    )
    options = parser.parse_args()
    require(*TOOLS)
    interrupt_on_sigterm()
    try:
        size = build(Store(options.store, options.driver))
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
    except sandbox.SandboxError as error:
        sys.exit(str(error))
    print(f"{image_name()} is in {options.store}: {size}.")  # noqa: T201  (as above)


if __name__ == "__main__":
    main()
