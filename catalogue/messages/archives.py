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
        gettext_noop("Write its folder too, as in front/a.jpg."),
        photo="a.jpg", number=2,
    ),
    "feed.bad_archive": text(
        gettext_noop("%(file)s is damaged, or neither a ZIP nor an Excel workbook."),
        gettext_noop("Make it again, and send it anew."),
        file="a.zip",
    ),
    "feed.archive_members": text(
        gettext_noop("%(file)s has more than %(limit)s files."),
        gettext_noop("Split it into several ZIP files."),
        file="a.zip", limit=20_000,
    ),
    "feed.archive_too_large": text(
        gettext_noop("%(file)s has more than %(limit)s GB of files."),
        gettext_noop("Split it into several ZIP files."),
        file="a.zip", limit=20,
    ),
    "feed.archive_member_too_large": text(
        gettext_noop("%(member)s in %(file)s is larger than %(limit)s MB."),
        gettext_noop("Make it smaller, or leave it out."),
        file="a.zip", member="a.tif", limit=500,
    ),
    "feed.archive_ratio": text(
        gettext_noop("%(member)s in %(file)s is packed more tightly than any photo or table: refused for safety."),
        gettext_noop("Leave it out."),
        file="a.zip", member="a.csv",
    ),
    "feed.archive_unsafe": text(
        gettext_noop("%(member)s in %(file)s is not a plain file, or has a name that is not safe."),
        gettext_noop("Rename it or leave it out, and make the ZIP again."),
        file="a.zip", member="../a.jpg",
    ),
    "feed.archive_long_name": text(
        gettext_noop("A name in %(file)s has more than %(limit)s characters: %(member)s."),
        gettext_noop("Shorten it."),
        file="a.zip", member="aaa…", limit=1000,
    ),
    "feed.archive_same_names": text(
        gettext_noop("In %(file)s, %(one)s and %(other)s have one name, but for capitals or the form of accents."),
        gettext_noop("Rename one."),
        file="a.zip", one="a.jpg", other="A.JPG",
    ),
    "feed.archive_encrypted": text(
        gettext_noop("%(member)s in %(file)s is protected by a password."),
        gettext_noop("Make the ZIP without a password."),
        file="a.zip", member="a.jpg",
    ),
    "feed.archive_nested": text(
        gettext_noop("%(file)s holds another archive: %(member)s."),
        gettext_noop("Unpack that one first, or import it by itself."),
        file="a.zip", member="b.zip",
    ),
    "feed.archive_method": text(
        gettext_noop("%(member)s in %(file)s is packed in a way that is not supported."),
        gettext_noop("Make the ZIP with the usual method (Deflate)."),
        file="a.zip", member="a.jpg",
    ),
    "feed.archive_tables": text(
        gettext_noop("%(file)s has several tables: %(names)s."),
        gettext_noop("Leave one in it."),
        file="a.zip", names=["a.csv", "b.xlsx"],
    ),
    "feed.archive_without_table": text(
        gettext_noop("%(file)s has no table, whose columns could be mapped."),
        gettext_noop("Leave the columns empty, or add a CSV file or an Excel workbook."),
        file="a.zip",
    ),
    "feed.archive_left_out": text(
        gettext_noop("Files of the ZIP that are not used (%(number)s): %(names)s."),
        number=2, names=["notes.txt", ".DS_Store"],
    ),
    "feed.photos_alone": text(
        gettext_noop("Photos alone name no price: the new articles are published without one."),
        gettext_noop("To look at them first, hand the file in again and let new articles stay hidden."),
    ),
    "feed.in_bin": text(
        ngettext_noop(
            "%(number)s product of the file is in the bin (%(skus)s) and is added as a new product.",
            "%(number)s products of the file are in the bin (%(skus)s) and are added as new products.",
            "number",
        ),
        gettext_noop("To have them back with their photos and history, restore them from the bin first."),
        number=2,
        skus=["D-0017", "D-0018"],
    ),
    "feed.proposed": text(
        gettext_noop(
            "Category, colours and names of new articles (%(number)s) are proposed from their photos, in the "
            "background. Changes shows what was proposed; the filter “suggestions from photos” lists what is to be "
            "confirmed."
        ),
        number=2,
    ),
}  # fmt: skip
