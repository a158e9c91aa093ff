"""A costly picture is decoded by a process of its own, which is limited and ends when nobody waits for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from catalogue.exceptions import BusyError, ImageError, ImageTooLargeError, UnreadableImageError
from catalogue.imaging import child, describe_image, read_image, reading
from catalogue.imaging.child import decode_in_child
from catalogue.imaging.limits import Limits
from catalogue.imaging.patience import Patience, waiting
from tests.catalogue.imaging.pictures import draw_quarters, encode, exif_of


def decoded_elsewhere(data: bytes, name: str = "PNG", *, limits: Limits | None = None) -> tuple[Image.Image, object]:
    return decode_in_child(data, name, limits=limits or Limits(), target=20)


def test_a_picture_decoded_elsewhere_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(draw_quarters(400, 200), "JPEG", exif=exif_of(6))
    here, described = read_image(data, target=20), describe_image(data)
    patience = Patience(float("inf"))

    monkeypatch.setattr(reading, "INLINE_S", 0.0)
    with waiting(patience):
        elsewhere = read_image(data, target=20)

    assert elsewhere.tobytes() == here.tobytes()
    assert elsewhere.size == here.size
    assert describe_image(data) == described
    assert 0 < patience.spent_s < 30


def test_what_the_child_says_of_a_file_is_what_is_said_of_it() -> None:
    data = encode(draw_quarters(), "PNG")

    with pytest.raises(UnreadableImageError, match="is incomplete"):
        decoded_elsewhere(data[:-40])
    with pytest.raises(ImageTooLargeError, match="96 × 64 pixels"):
        decoded_elsewhere(data, limits=Limits(max_pixels=1_000))


def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "child.py"
    path.write_text(text)
    monkeypatch.setattr(child, "_SCRIPT", path)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import os; os.abort()", UnreadableImageError),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", ImageTooLargeError),
        ("import time; time.sleep(60)", UnreadableImageError),
    ],
    ids=["crashes", "out of time", "hangs"],
)
def test_a_child_that_fails_costs_one_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[ImageError]
) -> None:
    script(tmp_path, monkeypatch, text)
    monkeypatch.setattr(child, "_TIMEOUT_S", 0.3 if "sleep" in text else 30.0)

    with pytest.raises(error):
        decoded_elsewhere(b"")


def test_the_child_ends_when_its_client_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, monkeypatch, "import time; time.sleep(60)")
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    patience = Patience(float("inf"), lambda: bool(started))

    with waiting(patience), pytest.raises(BusyError):
        decoded_elsewhere(b"")

    assert started[0].returncode == -9
    assert patience.spent_s > 0


def test_the_child_s_memory_and_processor_time_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = child._SCRIPT
    script(
        tmp_path,
        monkeypatch,
        f"import runpy, sys\nchild = runpy.run_path({str(real)!r})\nchild['_limit'](1_000_000)\n"
        "import resource, os\n"
        "assert resource.getrlimit(resource.RLIMIT_CPU)[1] == 10 and os.nice(0) >= 10\n"
        "try:\n    bytes(400_000_000)\nexcept MemoryError:\n    os.kill(os.getpid(), 24)\n",
    )

    with pytest.raises(ImageTooLargeError):
        decoded_elsewhere(b"")
