"""Why something is left out of a bulk change or an undo."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

TEXTS = {
    "history.changed_since": text(
        gettext_noop("It was changed since, and stays as it is now."),
        gettext_noop("Take the later change back first, or change it by hand."),
    ),
    "history.not_reduced": text(
        gettext_noop("The regular price would not be higher than the price."),
        gettext_noop("Change the regular price first, then try again."),
    ),
    "history.nothing_to_propose": text(
        gettext_noop("Its category, colours and name are stated already."),
        gettext_noop("Take its category or colours away if they are to be proposed, then try again."),
    ),
    "history.proposed_already": text(
        gettext_noop("It is proposed already to be what its photos show."),
        gettext_noop("Confirm it, or correct it by hand."),
    ),
    "history.no_photo_to_look_at": text(
        gettext_noop("It has no photo that can be looked at."),
        gettext_noop("Add a photo, then try again."),
    ),
    "history.nothing_seen": text(
        gettext_noop("Its photos show nothing surely enough."),
        gettext_noop("Fill it in by hand, or add a clearer photo and try again."),
    ),
    "history.gone": text(
        gettext_noop("It was deleted for good."),
        gettext_noop("Add it anew."),
    ),
    "history.in_bin": text(
        gettext_noop("It is in the bin."),
        gettext_noop("Restore it first."),
    ),
    "history.in_use": text(
        gettext_noop("Products have it, here or in the bin, so it stays."),
        gettext_noop("Take it off those products, or delete them for good, then delete it."),
    ),
    "history.related_gone": text(
        gettext_noop("The category, brand or colour it had was deleted."),
        gettext_noop("Choose another one."),
    ),
    "history.file_gone": text(
        gettext_noop("The photo’s earlier file is no longer in the bin."),
        gettext_noop("Add the photo anew."),
    ),
    "history.sku_taken": text(
        gettext_noop("Another product has the SKU %(sku)s."),
        gettext_noop("Give that one another SKU, then try again."),
        sku="D-0017",
    ),
    "history.slug_taken": text(
        gettext_noop("Another one has this slug."),
        gettext_noop("Give that one another slug, then try again."),
    ),
    "history.forgotten": text(
        gettext_noop("The change is too old: it was removed from the history."),
        gettext_noop("Change the products by hand."),
    ),
}
