"""Signals that the catalogue sends, in addition to Django's own signals of its models."""

from django.dispatch import Signal

# Photos were written by bulk_create or bulk_update, which send no post_save. Sent after the commit, with
# sender=Photo and photo_ids: list[int].
photos_imported = Signal()

# An import of photos alone made articles, of which little is known. Sent in a transaction, with sender=Article,
# article_ids: list[int], by, the user or None, and change_set, the id of the change that made them. Whoever goes on to
# look at them returns a true value.
articles_of_photos_made = Signal()

# Pictures at addresses are due. Sent after the commit, with sender=PhotoSource.
photos_awaited = Signal()

# Photos are put into the bin, alone or with their article. Sent in the transaction that does so, before it does, with
# sender=Photo and photo_ids: list[int].
photos_binned = Signal()

# Articles changed. Sent in the transaction that changes them, after the statements that do, with sender=Article and
# edits: list[Edit].
articles_edited = Signal()
