"""Imports articles and photos from a folder of photos, a CSV file, or a feed of Google Merchant or Shopify."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue import imports
from catalogue.feeds import (
    FORMATS,
    FeedError,
    Progress,
    Reader,
    RowError,
    csv_reader,
    google_merchant,
    import_articles,
    magento,
    open_source,
    prestashop,
    propose_made,
    recognise,
    shopify_csv,
    woocommerce,
)
from catalogue.feeds.columns import Columns, read_columns, written_columns
from catalogue.feeds.format_detection import table_in
from catalogue.feeds.row_errors import refusal_lines
from catalogue.feeds.rows import sentence
from catalogue.management.printing import printable
from catalogue.messages.rendering import render
from catalogue.models.recording import Recording
from catalogue.progress import progress_bar

_EPILOG = f"""A folder: each photo is an article, its sub-folder the category.
A ZIP: the same of photos alone; or a table and the photos that it names, by their paths in the ZIP. Its files are read
where they lie; what of it is not used is named at the end.

A CSV file. {csv_reader.__doc__}
Google Merchant, as XML (RSS 2.0 or Atom) or TSV. {google_merchant.__doc__}
Meta (Facebook, Instagram): the same attributes as CSV.

Shopify. {shopify_csv.__doc__}
WooCommerce. {woocommerce.__doc__}
PrestaShop. {prestashop.__doc__}
Magento 2. {magento.__doc__}
An Excel workbook (.xlsx) is read as a CSV file of its first sheet would be."""

# The most refused rows and unused columns printed; the report file has all rows.
SHOWN = 10


class Command(BaseCommand):
    """`manage.py import_catalogue PATH`."""

    help = "Import articles and photos. A second run writes only what differs. Exits 1 if a row has an error."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs["formatter_class"] = RawDescriptionHelpFormatter
        kwargs["epilog"] = _EPILOG
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="a folder or ZIP of photos, a CSV file, or a feed")
        parser.add_argument("--format", choices=FORMATS, help="of PATH; by default recognised by its content")
        parser.add_argument(
            "--photos", type=Path, metavar="FOLDER", help="where the photos of a table are; by default beside it"
        )
        parser.add_argument(
            "--map",
            default="",
            metavar="FIELD=COLUMN,…",
            help="which columns of a table hold what; @FILE reads this from a file; guess goes by the headings. "
            "Default: as staff chose for a file with the same headings",
        )
        parser.add_argument("--encoding", help="of a file that is not UTF-8, such as cp1252")
        parser.add_argument(
            "--unpublished", action="store_true", help="keep new articles hidden until they are published"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the rows with errors there")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        report: Path = options["report"] or settings.DATA_DIR / "imports" / f"{path.resolve().name}-refused.csv"
        refusals: list[RowError] = []
        new: list[tuple[str, str]] = []
        recorded = Recording("command")
        try:
            reader = self._open_reader(path, options)
            hidden = options["verbosity"] == 0
            with progress_bar(unit=" articles", hidden=hidden) as bar:
                for progress in import_articles(reader, published=not options["unpublished"], recorded=recorded):
                    bar.total = progress.total
                    bar.update(progress.done - bar.n)
                    refusals += progress.refusals
                    new += [(term.kind, term.name) for term in progress.new_terms]
        except FeedError as error:
            raise CommandError(printable(render(error.message))) from error
        proposed = propose_made(reader, recorded.key)
        if options["verbosity"]:
            self._tell(progress, refusals)
            for note in (*reader.notes(), *proposed):
                self.stdout.write(printable(render(note)))
            for kind, name in new[:SHOWN]:
                self.stdout.write(printable(f"New {kind}: {name}."))
            if len(new) > SHOWN:
                self.stdout.write(f"… and {len(new) - SHOWN} more categories, brands and colours.")
        if refusals:
            _write_report(report, refusals)
            raise CommandError(
                f"{len(refusals)} of {progress.total} rows have errors. All of them are listed in {report}"
            )

    def _open_reader(self, path: Path, options: dict[str, Any]) -> Reader:
        if path.is_dir() and (options["map"] or options["photos"] or options["encoding"]):
            raise CommandError("--map, --photos and --encoding are for files; this is a folder.")
        # A column mapping is only for tables of no known format, also within a ZIP.
        kind = options["format"] or recognise(path, encoding=options["encoding"])
        if kind != "zip" and options["map"] and not options["format"]:
            kind = "csv"
        if kind != "csv" and ((options["map"] and kind != "zip") or options["photos"]):
            raise CommandError(f"--map and --photos are for CSV files; {path.name} is read as {kind}.")
        reader = open_source(
            path,
            kind=kind,
            photos=options["photos"],
            columns=self._columns(path, kind, options) if kind in {"csv", "zip"} else None,
            encoding=options["encoding"],
        )
        if options["verbosity"] and kind not in {"csv", "folder", "zip"}:
            self.stdout.write(f"Read as {kind}.")
        return reader

    def _columns(self, path: Path, kind: str, options: dict[str, Any]) -> Columns:
        """Return which columns hold what: as given, guessed, or stored for these headings; prints the last two."""
        said: str = options["map"]
        if said.startswith("@"):
            return read_columns(_text_of(Path(said[1:])))
        if said and said != "guess":
            return read_columns(said)
        if not said and options["format"]:
            return {}
        encoding = options["encoding"]
        with table_in(path, kind=kind, encoding=encoding) as found:
            # One of a known format within a ZIP is read as such, unless a guess is asked for.
            if found is None or (not said and found[1] != "csv"):
                return {}
            table = imports.look(found[0], encoding=encoding)
        kept = None if said else imports.kept_for([column["name"] for column in table[: imports.COLUMNS_AT_MOST]])
        columns = imports.guessed(table) if said else kept or {}
        if columns and options["verbosity"]:
            how = "guessed" if said else "as staff chose them for these headings"
            self.stdout.write(printable(f"Columns, {how}: {written_columns(columns)}"))
        return columns

    def _tell(self, progress: Progress, refusals: list[RowError]) -> None:
        self.stdout.write(
            f"{progress.created} articles created, {progress.changed} changed, {progress.unchanged} unchanged."
        )
        if progress.awaited:
            self.stdout.write(
                f"{progress.awaited} pictures will be downloaded by the worker. "
                "`manage.py fetch_photos --failed` lists those that it cannot get."
            )
        for row in refusals[:SHOWN]:
            self.stdout.write(printable(render(sentence(row))))
        if len(refusals) > SHOWN:
            self.stdout.write(f"… and {len(refusals) - SHOWN} more.")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from error


def _write_report(path: Path, refusals: list[RowError]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(refusal_lines(refusals))
    except OSError as error:
        raise CommandError(
            f"{len(refusals)} rows have errors, and {path} cannot be written: {error.strerror}."
        ) from error
