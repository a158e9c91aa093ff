"""Messages of ZIP files that are imported."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, ngettext_noop, text

TEXTS = {
    "photo.several": text(
        ngettext_noop(
            "%(number)s file of the ZIP is called “%(photo)s”.",
            "%(number)s files of the ZIP are called “%(photo)s”.",
            "number",
        ),
        gettext_noop("Add its folder, as in front/a.jpg."),
        photo="a.jpg", number=2,
    ),
    "feed.bad_archive": text(
        gettext_noop("%(file)s is damaged, or neither a ZIP nor an Excel workbook."),
        gettext_noop("Create it again, then upload it again."),
        file="a.zip",
    ),
    "feed.archive_members": text(
        gettext_noop("%(file)s contains more than %(limit)s files."),
        gettext_noop("Split it into several ZIP files."),
        file="a.zip", limit=20_000,
    ),
    "feed.archive_too_large": text(
        gettext_noop("%(file)s contains more than %(limit)s GB of files."),
        gettext_noop("Split it into several ZIP files."),
        file="a.zip", limit=20,
    ),
    "feed.archive_member_too_large": text(
        gettext_noop("%(member)s in %(file)s is larger than %(limit)s MB."),
        gettext_noop("Reduce its size, or leave it out."),
        file="a.zip", member="a.tif", limit=500,
    ),
    "feed.archive_ratio": text(
        gettext_noop("%(member)s in %(file)s is compressed far more than a photo or a table would be, so it was "
                     "refused for safety."),
        gettext_noop("Leave it out."),
        file="a.zip", member="a.csv",
    ),
    "feed.archive_unsafe": text(
        gettext_noop("%(member)s in %(file)s is not a regular file, or has an unsafe name."),
        gettext_noop("Rename it or leave it out, then create the ZIP again."),
        file="a.zip", member="../a.jpg",
    ),
    "feed.archive_long_name": text(
        gettext_noop("A name in %(file)s has more than %(limit)s characters: %(member)s."),
        gettext_noop("Shorten it."),
        file="a.zip", member="aaa…", limit=1000,
    ),
    "feed.archive_same_names": text(
        gettext_noop("In %(file)s, the names %(one)s and %(other)s differ only in capitals or in the encoding of "
                     "accents."),
        gettext_noop("Rename one."),
        file="a.zip", one="a.jpg", other="A.JPG",
    ),
    "feed.archive_encrypted": text(
        gettext_noop("%(member)s in %(file)s is protected by a password."),
        gettext_noop("Create the ZIP without a password."),
        file="a.zip", member="a.jpg",
    ),
    "feed.archive_nested": text(
        gettext_noop("%(file)s contains another archive: %(member)s."),
        gettext_noop("Unpack that one first, or import it separately."),
        file="a.zip", member="b.zip",
    ),
    "feed.archive_method": text(
        gettext_noop("%(member)s in %(file)s is compressed in a way that isn’t supported."),
        gettext_noop("Create the ZIP with the usual method (Deflate)."),
        file="a.zip", member="a.jpg",
    ),
    "feed.archive_tables": text(
        gettext_noop("%(file)s has several tables: %(names)s."),
        gettext_noop("Keep only one of them."),
        file="a.zip", names=["a.csv", "b.xlsx"],
    ),
    "feed.archive_without_table": text(
        gettext_noop("%(file)s contains no table whose columns could be mapped."),
        gettext_noop("Leave the columns empty, or add a CSV file or an Excel workbook."),
        file="a.zip",
    ),
    "feed.archive_left_out": text(
        gettext_noop("Files of the ZIP that are not used (%(number)s): %(names)s."),
        number=2, names=["notes.txt", ".DS_Store"],
    ),
    "feed.photos_alone": text(
        gettext_noop("Photos don’t come with prices: the new products will be published without one."),
        gettext_noop("To check them first, upload the file again and keep new products hidden."),
    ),
    "feed.in_bin": text(
        ngettext_noop(
            "%(number)s product of the file is in the bin (%(skus)s) and will be added as a new product.",
            "%(number)s products of the file are in the bin (%(skus)s) and will be added as new products.",
            "number",
        ),
        gettext_noop("To get them back with their photos and history, restore them from the bin first."),
        number=2,
        skus=["D-0017", "D-0018"],
    ),
    "feed.proposed": text(
        gettext_noop(
            "Categories, colours and names of new products (%(number)s) are being suggested from their photos, in"
            " the background. See them under “Changes”; the filter “suggestions from photos” lists those to "
            "check."
        ),
        number=2,
    ),
}  # fmt: skip
