"""The messages of search by photo by their codes, registered beside the catalogue's."""

from __future__ import annotations

from catalogue.messages import register
from catalogue.messages.registry import gettext_noop, ngettext_noop, text

_AGAIN = gettext_noop("Please search again with the photo.")
_ANOTHER_SEARCH = gettext_noop("Search with a photo of your own, or browse the shop.")
_DOCTOR = gettext_noop("Run: manage.py doctor.")
_FILES = gettext_noop("Install the model’s files again.")

_PILES = {
    "pile.empty": text(gettext_noop("No photos were found."), gettext_noop("Choose photos, or a ZIP of photos.")),
    "pile.too_many": text(
        gettext_noop("These are more than %(limit)s photos."), gettext_noop("Send them in several batches."), limit=1000
    ),
    "pile.sku_taken": text(
        gettext_noop("Another product has the SKU “%(sku)s”."), gettext_noop("Choose another one."), sku="A-1"
    ),
    "pile.no_name": text(gettext_noop("It has no name."), gettext_noop("Enter one: customers see it.")),
}
_SEARCHING = {
    "search.no_version": text(
        gettext_noop("No model is active yet."),
        gettext_noop("One becomes active as soon as its vectors are complete."),
        internal=True,
    ),
    "search.fetches_busy": text(
        gettext_noop("Too many photos are being fetched from addresses at the moment."),
        gettext_noop("Send the photo itself, or try again in a moment."),
    ),
    "search.no_index": text(
        gettext_noop("The index of %(version)s is not built yet."),
        gettext_noop("A worker is building it. You can also run: manage.py rebuild_index."),
        internal=True,
        version="mobilenetv2 1",
    ),
    "search.no_network": text(
        gettext_noop("The model %(version)s can’t be opened, so photos are not being indexed."),
        _DOCTOR,
        internal=True,
        version="mobilenetv2 1",
    ),
    "search.no_card": text(
        gettext_noop("The model %(model)s has no readable card (%(error)s)."),
        _FILES,
        internal=True,
        model="mobilenetv2",
        error="Expecting value",
    ),
    "search.not_copied": text(
        gettext_noop("%(source)s can’t be copied to %(target)s (%(error)s)."),
        gettext_noop("Free some space there, and let this user write to it."),
        internal=True,
        source="/models/a",
        target="/data/models",
        error="No space left on device",
    ),
    "search.milvus_silent": text(
        gettext_noop("Milvus at %(uri)s didn’t respond a moment ago."),
        gettext_noop("Wait, or check that it is running."),
        internal=True,
        uri="http://milvus:19530",
    ),
    "search.milvus_failed": text(
        gettext_noop("Milvus at %(uri)s failed (%(error)s)."),
        gettext_noop("Check that it is running, and that SHOP_MILVUS_URI and SHOP_MILVUS_TOKEN are right."),
        internal=True,
        uri="http://milvus:19530",
        error="connection refused",
    ),
    "token.invalid": text(gettext_noop("This link doesn’t lead to a search in this shop, or it was changed."), _AGAIN),
    "token.expired": text(gettext_noop("This link has expired."), _AGAIN),
    "link.unknown": text(gettext_noop("It is incomplete, or has expired: links work for 30 days."), _ANOTHER_SEARCH),
    "link.expired": text(gettext_noop("Links work for 30 days, and this one is older."), _ANOTHER_SEARCH),
    "photo.file_gone": text(gettext_noop("The photo’s file is missing."), gettext_noop("Upload it again.")),
    "photo.file_changed": text(
        gettext_noop("The photo’s file is not the one that was saved."), gettext_noop("Upload it again.")
    ),
    "request.emphasis": text(gettext_noop("This is not a valid weight."), gettext_noop("Send a number from -1 to 1.")),
    "feedback.label": text(
        gettext_noop("“%(value)s” is not one of the categories that can be recognised."),
        gettext_noop("The categories are: %(labels)s."),
        value="sofa",
        labels=["dress", "shirt"],
    ),
    "feedback.no_article": text(
        gettext_noop("There is no such product."), gettext_noop("Send the ID of a published product.")
    ),
    "feedback.needed": text(
        gettext_noop("This field is missing."), gettext_noop("It is required when kind is %(kind)s."), kind="clicked"
    ),
    "feedback.other_photo": text(
        gettext_noop("This is not the photo of that search."),
        gettext_noop("Send the same photo, and with the crop that was searched for."),
    ),
    "feedback.not_agreed": text(
        gettext_noop("A photo is only stored with the customer’s consent."),
        gettext_noop("Send agreed=true, or leave the photo out."),
    ),
}
_BATCHES = {
    "batch.too_many_running": text(
        ngettext_noop("You have %(running)s batch running.", "You have %(running)s batches running.", "running"),
        gettext_noop("Wait for one, or cancel it."),
        running=5,
    ),
    "batch.over_quota": text(
        gettext_noop("The batch has %(photos)s photos; this app’s limit is %(quota)s a day."),
        gettext_noop("Send fewer, or ask the shop for more."),
        photos=1200,
        quota=1000,
    ),
    "batch.quota_spent": text(
        gettext_noop("This app’s limit is %(quota)s photos a day, and this batch would exceed it."),
        gettext_noop("Wait as long as the Retry-After header says, or send fewer."),
        quota=1000,
    ),
    "batch.not_files": text(
        gettext_noop("There is no file in this part."),
        gettext_noop("Send photos as files, each in a part of this name."),
    ),
    "batch.too_many_photos": text(
        gettext_noop("The batch has %(photos)s photos; the limit is %(limit)s."),
        gettext_noop("Send several batches."),
        photos=1200,
        limit=1000,
    ),
    "batch.file_gone": text(gettext_noop("The file is missing."), gettext_noop("Send it again.")),
    "batch.interrupted": text(
        gettext_noop("Searching with this photo was interrupted several times."), gettext_noop("Send another one.")
    ),
    "batch.cancelled": text(
        gettext_noop("The batch was cancelled."), gettext_noop("Send the photo again in another batch.")
    ),
}
_WEBHOOKS = {
    "webhook.for_partners": text(
        gettext_noop("Only partner apps have webhooks."), gettext_noop("Send the batch with an API key.")
    ),
    "webhook.no_secret": text(
        gettext_noop("Your app has no webhook secret yet."), gettext_noop("Get one with POST /api/webhook-secret.")
    ),
    "webhook.address": text(
        gettext_noop("Webhooks can’t be sent to this address."),
        gettext_noop("Use an https address on a public host, on port 443 and without a user name."),
    ),
    "webhook.status": text(
        gettext_noop("The address responded with status %(status)d."),
        gettext_noop("Respond with a status from 200 to 299, without a redirect."),
        status=500,
    ),
    "webhook.unreachable": text(
        gettext_noop("The address couldn’t be reached, or didn’t respond within 10 seconds."),
        gettext_noop(
            "Check that it is public and has a valid certificate, and respond before you process the message."
        ),
    ),
    "webhook.revoked": text(gettext_noop("The API key was revoked."), gettext_noop("Ask the shop for a new one.")),
}
_MODELS = {
    "model.no_card": text(
        gettext_noop("There is no model in %(folder)s."), _FILES, internal=True, folder="/data/models/a"
    ),
    "model.bad_card": text(
        gettext_noop("%(file)s is not a model’s card (%(error)s)."), _FILES,
        internal=True, file="card.json", error="name",
    ),
    "model.not_read": text(
        gettext_noop("%(file)s can’t be read (%(error)s)."), _FILES,
        internal=True, file="model.tflite", error="Permission denied",
    ),
    "model.wrong_file": text(
        gettext_noop("%(file)s does not match the SHA-256 in its card (%(sha256)s)."), _FILES,
        internal=True, file="model.tflite", sha256="0f3a…",
    ),
    "model.not_run": text(
        gettext_noop("LiteRT can’t run %(file)s (%(error)s)."), _FILES,
        internal=True, file="model.tflite", error="bad model",
    ),
    "snapshot.of_another": text(
        gettext_noop("The snapshot %(name)s belongs to another model, or to the database before it was restored."),
        gettext_noop("A worker is building a new one."), internal=True, name="00012",
    ),
    "snapshot.ahead": text(
        gettext_noop("The snapshot %(name)s is ahead of the change log, which ends at %(head)d."),
        gettext_noop("A worker is building a new one."), internal=True, name="00012", head=7,
    ),
    "snapshot.checksum": text(
        gettext_noop("%(file)s does not match the checksum in its manifest."),
        gettext_noop("A worker is building a new one."), internal=True, file="00012/index",
    ),
    "snapshot.not_read": text(
        gettext_noop("The snapshot %(name)s can’t be read (%(error)s)."),
        gettext_noop("A worker is building a new one."), internal=True, name="00012", error="truncated",
    ),
    "snapshot.low_recall": text(
        gettext_noop("The new index was discarded: its recall@10 is only %(recall)s."),
        _DOCTOR, internal=True, recall=0.812,
    ),
    "snapshot.not_found_by_itself": text(
        gettext_noop("The new index was discarded: one of its vectors does not find itself."), _DOCTOR,
        internal=True,
    ),
}  # fmt: skip
_VERSION = "mobilenetv2 2"
_ROLLOUT = {
    "rollout.no_artefact": text(
        gettext_noop("This model no longer exists, or is already registered."), gettext_noop("Choose another.")
    ),
    "rollout.not_copied": text(
        gettext_noop("%(source)s can’t be copied to the data folder (%(error)s)."), gettext_noop("Free some "
                                                                                                  "space there."),
        source="/models/a", error="No space left on device",
    ),
    "rollout.registered": text(
        gettext_noop("%(version)s is already registered."), gettext_noop("Choose another."), version=_VERSION
    ),
    "rollout.being_removed": text(
        gettext_noop("What is left of %(version)s is still being removed."), gettext_noop("Try again in a minute."),
        version=_VERSION,
    ),
    "rollout.no_shadow_test": text(
        gettext_noop("%(version)s can’t be shadow-tested: it is not complete."), gettext_noop("Wait until it is."),
        version=_VERSION,
    ),
    "rollout.no_such_share": text(
        gettext_noop("There is no such share of visitors."), gettext_noop("Choose one from the list.")
    ),
    "rollout.not_ready": text(
        gettext_noop("%(version)s can’t be tested on visitors: it is not ready."), gettext_noop("Wait until it is."),
        version=_VERSION,
    ),
    "rollout.other_on_trial": text(
        gettext_noop("Another model is already being tested."), gettext_noop("End that test first.")
    ),
    "rollout.not_complete": text(
        gettext_noop("%(version)s can’t be activated: it is not complete."), gettext_noop("Wait until it is."),
        version=_VERSION,
    ),
    "rollout.nothing_before": text(
        gettext_noop("There is no earlier model to go back to."), gettext_noop("Activate one from the list.")
    ),
    "rollout.serving": text(
        gettext_noop("%(version)s is active."), gettext_noop("Activate another model first."), version=_VERSION
    ),
}  # fmt: skip

TEXTS = {**_SEARCHING, **_BATCHES, **_WEBHOOKS, **_PILES, **_MODELS, **_ROLLOUT}
register(TEXTS)
