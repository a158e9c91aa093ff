"""Moves a shop's files from the data folder into a bucket, and back. What was moved before is not moved again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from catalogue.exceptions import ImageTooLargeError
from shop.operations.places import Place, md5_of

# A small file takes a store some 20 ms, most of which is waiting.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: it was "copied", was "there" already, is "gone" since, or is "left" for a reason."""

    name: str
    state: str
    reason: str = ""


def move(source: Place, target: Place, *, delete: bool = False) -> Iterator[Outcome]:
    """Copy all files from one place to another, and yield what became of each, in any order.

    A file counts as copied once its checksum there is the same; with `delete` it is removed from the source then. One
    that cannot be read or written is left, and so is its source. May be interrupted and repeated.
    """

    def attempt(name: str) -> Outcome:
        try:
            copied = copy(source, target, name)
            if delete:
                source.remove(name)
        except FileNotFoundError:
            return Outcome(name, "gone")
        except ImageTooLargeError as error:
            return Outcome(name, "left", str(error))
        except OSError as error:
            return Outcome(name, "left", str(error.strerror or error))
        return Outcome(name, "copied" if copied else "there")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(attempt, list(source.names()))


def copy(source: Place, target: Place, name: str) -> bool:
    """Copy a file unless its bytes are there. Returns whether it was copied; raises OSError if it is not the same."""
    try:
        if target.digest(name) == source.digest(name):
            return False
    except FileNotFoundError:
        pass
    with source.local(name) as path:
        sent = md5_of(path)
        if source.known_digest(name) not in {sent, None}:
            raise OSError("it changed, or did not arrive as it was sent")
        target.put(path, name)
    if target.digest(name) != sent:
        raise OSError("the checksum of the copy is another")
    return True
