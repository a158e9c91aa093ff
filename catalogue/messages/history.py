"""Why something is left out of a bulk change or an undo."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

TEXTS = {
    "history.changed_since": text(
        gettext_noop("It has been changed since, and stays as it is now."),
        gettext_noop("Undo the later change first, or change it by hand."),
    ),
    "history.not_reduced": text(
        gettext_noop("The regular price would not be higher than the price."),
        gettext_noop("Change the regular price first, then try again."),
    ),
    "history.nothing_to_propose": text(
        gettext_noop("It already has a category, colours and a name."),
        gettext_noop("For new suggestions, remove its category or colours, then try again."),
    ),
    "history.proposed_already": text(
        gettext_noop("What its photos show has already been suggested."),
        gettext_noop("Confirm it, or correct it by hand."),
    ),
    "history.no_photo_to_look_at": text(
        gettext_noop("It has no usable photo."),
        gettext_noop("Add a photo, then try again."),
    ),
    "history.nothing_seen": text(
        gettext_noop("Its photos don’t show clearly enough what it is."),
        gettext_noop("Fill it in by hand, or add a clearer photo and try again."),
    ),
    "history.gone": text(
        gettext_noop("It was permanently deleted."),
        gettext_noop("Add it again."),
    ),
    "history.in_bin": text(
        gettext_noop("It is in the bin."),
        gettext_noop("Restore it first."),
    ),
    "history.in_use": text(
        gettext_noop("It stays because products use it, here or in the bin."),
        gettext_noop("Remove it from those products, or permanently delete them, then delete it."),
    ),
    "history.related_gone": text(
        gettext_noop("Its previous category, brand or colour was deleted."),
        gettext_noop("Choose another one."),
    ),
    "history.file_gone": text(
        gettext_noop("The photo’s earlier file is no longer in the bin."),
        gettext_noop("Add the photo again."),
    ),
    "history.sku_taken": text(
        gettext_noop("Another product has the SKU %(sku)s."),
        gettext_noop("Give that one another SKU, then try again."),
        sku="D-0017",
    ),
    "history.slug_taken": text(
        gettext_noop("Something else already has this slug."),
        gettext_noop("Give that one another slug, then try again."),
    ),
    "history.forgotten": text(
        gettext_noop("The change is too old: it was removed from the history."),
        gettext_noop("Change the products by hand."),
    ),
}
