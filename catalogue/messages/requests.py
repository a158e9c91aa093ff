"""Messages of requests: of the API, of pages, and of rate limits."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, ngettext_noop, text

_TOO_MANY = gettext_noop("Too many requests.")

TEXTS = {
    "request.body_too_large": text(
        gettext_noop("The request has %(size)s MB; an image may have %(limit)s MB."),
        gettext_noop("Send a smaller one; 2,000 pixels on its long side are plenty."),
        size=31.4,
        limit=20,
    ),
    "request.files_too_large": text(
        gettext_noop("The request has %(size)s MB; %(limit)s MB are allowed."),
        gettext_noop("Send fewer or smaller files."),
        size=312,
        limit=200,
    ),
    "request.import_too_large": text(
        gettext_noop("The file has more than %(limit)s MB."),
        gettext_noop("Split it, or import it on the server."),
        limit=100,
    ),
    "request.too_large": text(gettext_noop("The request is too large."), gettext_noop("Send less at once.")),
    "request.cut_off": text(gettext_noop("The request is malformed or was cut off."), gettext_noop("Send it again.")),
    "request.fields": text(gettext_noop("Some fields are not valid."), gettext_noop("See `errors`.")),
    "request.nested_too_deeply": text(
        gettext_noop("The body is nested too deeply."), gettext_noop("Send it as the documentation shows.")
    ),
    "request.not_an_object": text(
        gettext_noop("The body is not a JSON object."), gettext_noop('Send one, as in {"image": "…"}.')
    ),
    "request.unknown_field": text(
        gettext_noop("There is no field “%(field)s”."),
        gettext_noop("The fields are: %(fields)s."),
        field="cost",
        fields=["id", "name"],
    ),
    "request.one_image": text(
        gettext_noop("There must be exactly one image."),
        gettext_noop("Send it as image (a file, or base64 text), or its address as url."),
    ),
    "request.not_text": text(gettext_noop("This is not text."), gettext_noop("Send it as a string.")),
    "request.choose_a_photo": text(gettext_noop("Please choose a photo first.")),
    "request.no_such_garment": text(
        gettext_noop("Fewer garments were seen in the photo: %(count)s."),
        gettext_noop("Name one of them; the first is 1."),
        count=2,
    ),
    "request.photo_gone": text(gettext_noop("This photo is no longer there."), gettext_noop("Choose another one.")),
    "request.sku_taken": text(
        gettext_noop("Another product has this SKU already."), gettext_noop("Choose another SKU.")
    ),
    "request.price_out_of_range": text(
        gettext_noop("The price of %(sku)s would become %(price)s."),
        gettext_noop("Choose another value."),
        sku="A-1",
        price="-5.00",
    ),
    "request.photo_order": text(
        gettext_noop("This is not an order of the product’s photos."),
        gettext_noop("Name each of its photos once, in the new order."),
    ),
    "request.null_characters": text(gettext_noop("Null characters are not allowed."), gettext_noop("Leave them out.")),
    "request.not_a_boolean": text(gettext_noop("This is neither true nor false."), gettext_noop("Give true or false.")),
    "request.not_a_number": text(gettext_noop("This is not a number."), gettext_noop("Write it as 49.90.")),
    "request.too_low": text(gettext_noop("The number is too low."), gettext_noop("Give %(limit)s or more."), limit=0),
    "request.too_high": text(
        gettext_noop("The number is too high."), gettext_noop("Give %(limit)s or less."), limit=99999999
    ),
    "request.unknown_choice": text(
        gettext_noop("“%(value)s” is not known here."), gettext_noop("Choose another value."), value="no-such"
    ),
    "request.too_many_values": text(
        gettext_noop("There are too many values."), gettext_noop("Give at most %(limit)s."), limit=100
    ),
    "request.query_too_long": text(
        gettext_noop("The search has more than %(limit)s characters."), gettext_noop("Shorten it."), limit=200
    ),
    "request.ordering": text(
        gettext_noop("This order is not known."), gettext_noop("Order by one of: %(names)s."), names=["price", "newest"]
    ),
    "idempotency.not_a_key": text(
        gettext_noop("This is not an Idempotency-Key."),
        gettext_noop("Send 1 to %(limit)s visible ASCII characters."),
        limit=255,
    ),
    "idempotency.mismatch": text(
        gettext_noop("This Idempotency-Key was used for another request."),
        gettext_noop("Make up another key for another request."),
    ),
    "throttle.soon": text(_TOO_MANY, gettext_noop("Try again in a moment.")),
    "throttle.seconds": text(
        _TOO_MANY,
        ngettext_noop("Try again in %(seconds)s second.", "Try again in %(seconds)s seconds.", "seconds"),
        seconds=12,
    ),
    "throttle.minutes": text(
        _TOO_MANY,
        ngettext_noop("Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", "minutes"),
        minutes=5,
    ),
    "throttle.hours": text(
        _TOO_MANY, ngettext_noop("Try again in %(hours)s hour.", "Try again in %(hours)s hours.", "hours"), hours=3
    ),
}
