"""Moves photos and other files from the data folder into a bucket (S3), or back, while the shop runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.exceptions import StoreUnreachableError
from catalogue.progress import progress_bar
from shop.operations.moving import move
from shop.operations.places import bucket_place, folder_of, folder_place
from shop.operations.stores import FOLDERS, PUBLISHED

# Made anew when somebody asks for them.
DERIVED = "renditions"
# So many of the files that are left are named.
NAMED_AT_MOST = 20


class Command(BaseCommand):
    """Move photos and other files from the data folder into the bucket that SHOP_S3_BUCKET names, or back.

    The shop may run meanwhile. Each copy is compared by its checksum. What is there already is not copied again, so
    the command may be interrupted and repeated: run it once more after the shop was restarted on the other store, for
    what was saved meanwhile.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", choices=["s3", "files"], required=True, help="where they are to be")
        parser.add_argument(
            "--delete", action="store_true", help="remove each file from where it was, once its copy is compared"
        )
        parser.add_argument(
            "--renditions", action="store_true", help="move renditions too, which otherwise are made anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET["name"]:
            raise CommandError("Set SHOP_S3_BUCKET, and what else the bucket needs, for this command.")
        left: list[tuple[str, str]] = []
        for storage in (*FOLDERS, *PUBLISHED):
            if storage == DERIVED and not options["renditions"]:
                continue
            places = folder_place(storage), bucket_place(storage)
            source, target = places if options["to"] == "s3" else places[::-1]
            counted: Counter[str] = Counter()
            folder = folder_of(storage)
            # Models and snapshots in the data folder are those that this machine works with.
            delete = options["delete"] and (source is places[1] or storage not in PUBLISHED)
            try:
                for outcome in progress_bar(move(source, target, delete=delete), desc=folder, unit=" files"):
                    counted[outcome.state] += 1
                    if outcome.state == "left":
                        left.append((f"{folder}/{outcome.name}", outcome.reason))
            except StoreUnreachableError as error:
                raise CommandError(str(error.strerror)) from error
            self.stdout.write(f"{folder}: {counted['copied']} copied, {counted['there']} there, {counted['left']} left")
        for name, reason in left[:NAMED_AT_MOST]:
            self.stdout.write(f"left: {name}: {reason}")
        if left:
            raise CommandError(f"{len(left)} files are left where they were. Run the command again.")
