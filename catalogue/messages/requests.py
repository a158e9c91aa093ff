"""Messages of requests: of the API, of pages, and of rate limits."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, ngettext_noop, text

_TOO_MANY = gettext_noop("Too many requests.")

_FIELDS = {
    "request.missing": text(gettext_noop("This field is missing."), gettext_noop("Send a value for it.")),
    "request.null": text(gettext_noop("This field can’t be null."), gettext_noop("Send a value, or leave it out.")),
    "request.blank": text(gettext_noop("This field is empty."), gettext_noop("Send a value, or leave it out.")),
    "request.too_long": text(
        gettext_noop("The text is too long."), gettext_noop("Send at most %(limit)s characters."), limit=200
    ),
    "request.too_short": text(
        gettext_noop("The text is too short."), gettext_noop("Send at least %(limit)s characters."), limit=1
    ),
    "request.wrong_form": text(
        gettext_noop("The value is not in the right format."), gettext_noop("See the documentation of this field.")
    ),
    "request.currency": text(
        gettext_noop("This is not a currency code."), gettext_noop("Send its three letters, such as EUR.")
    ),
    "request.barcode": text(gettext_noop("This is not a barcode."), gettext_noop("Send its digits and letters only.")),
    "request.not_a_slug": text(
        gettext_noop("This is not a slug."), gettext_noop("Use letters, digits, hyphens and underscores only.")
    ),
    "request.not_a_url": text(
        gettext_noop("This is not a web address."), gettext_noop("Send one that begins with http:// or https://.")
    ),
    "request.not_an_integer": text(gettext_noop("This is not a whole number."), gettext_noop("Send one, such as 12.")),
    "request.too_many_digits": text(
        gettext_noop("The number has too many digits."), gettext_noop("Send at most %(limit)s."), limit=10
    ),
    "request.too_many_places": text(
        gettext_noop("The number has too many decimal places."), gettext_noop("Send at most %(limit)s."), limit=2
    ),
    "request.not_a_list": text(gettext_noop("This is not a list."), gettext_noop("Send an array of values.")),
    "request.too_few": text(
        gettext_noop("There are too few values."), gettext_noop("Send at least %(least)s."), least=1
    ),
    "request.not_an_object_here": text(
        gettext_noop("This is not a JSON object."), gettext_noop("See the documentation of this field.")
    ),
    "request.no_file": text(gettext_noop("The file is missing."), gettext_noop("Send it in a part of this name.")),
    "request.not_a_file": text(
        gettext_noop("This is not a file."), gettext_noop("Send it as multipart/form-data, in a part of this name.")
    ),
    "request.empty_file": text(gettext_noop("The file is empty."), gettext_noop("Choose another file.")),
    "request.not_utf8": text(gettext_noop("This text is not valid UTF-8."), gettext_noop("Encode it as UTF-8.")),
    "request.no_such_page": text(
        gettext_noop("There is no such page."), gettext_noop("Follow `next`, or use `limit` and `offset`.")
    ),
    "request.page_or_offset": text(
        gettext_noop("`page` can’t be combined with `limit` or `offset`."),
        gettext_noop("Use `limit` and `offset`; `page` is deprecated."),
    ),
}
_REFUSALS = {
    "auth.missing": text(
        gettext_noop("Authentication required."),
        gettext_noop("Send your key in the Authorization header, as “Api-Key …” or “Token …”."),
    ),
    "auth.key_unknown": text(
        gettext_noop("This API key is unknown or has been revoked."), gettext_noop("Ask the shop for a new one.")
    ),
    "auth.token_unknown": text(
        gettext_noop("This token is unknown or revoked, or its user is no longer active."),
        gettext_noop("Ask the shop for a new one."),
    ),
    "auth.token_expired": text(
        gettext_noop("This token has expired."), gettext_noop("Make a new one in the admin, under API tokens.")
    ),
    "auth.not_allowed": text(
        gettext_noop("Your key or token doesn’t allow this."),
        gettext_noop("Use a token that has this right, of staff whose role allows it, or ask the shop."),
    ),
    "request.method": text(
        gettext_noop("%(method)s isn’t supported at this address."),
        gettext_noop("Use one of: %(methods)s."),
        method="DELETE",
        methods=["GET", "POST"],
    ),
    "request.media_type": text(
        gettext_noop("A body of type “%(type)s” isn’t supported here."),
        gettext_noop("Send it as one of: %(types)s."),
        type="text/plain",
        types=["application/json", "multipart/form-data"],
    ),
    "request.accept": text(
        gettext_noop("No response is available in the format that Accept asks for."),
        gettext_noop("Send Accept: application/json."),
    ),
    "request.no_address": text(
        gettext_noop("There is nothing at this address."),
        gettext_noop("Check the path and the ID; /api/docs lists all addresses."),
    ),
    "request.host": text(
        gettext_noop("This host name isn’t one of the shop’s."),
        gettext_noop("Use the shop’s own address. Its administrator sets it with SHOP_ALLOWED_HOSTS."),
    ),
    "request.too_many_fields": text(
        gettext_noop("The request has too many parameters or files."),
        gettext_noop("Send fewer, or several requests."),
    ),
    "request.not_json": text(
        gettext_noop("The body is not valid JSON (line %(line)s, column %(column)s)."),
        gettext_noop("Correct it, or check the Content-Type header."),
        line=1,
        column=7,
    ),
    "request.json_number": text(
        gettext_noop("The body contains a number that is not allowed."),
        gettext_noop("Send finite numbers of ordinary length."),
    ),
    "request.form": text(
        gettext_noop("The form is malformed or incomplete."),
        gettext_noop("Send it as multipart/form-data, with the boundary in Content-Type."),
    ),
    "request.form_too_large": text(
        gettext_noop("The parts of the form without a filename are larger than %(limit)s MB in total."),
        gettext_noop("Give each photo a filename, or send fewer."),
        limit=27,
    ),
    "request.too_slow": text(
        gettext_noop("The request arrived too slowly."), gettext_noop("Try again with a better connection.")
    ),
    "request.busy": text(
        gettext_noop("Too many photos are arriving at once."), gettext_noop("Send this one again in a moment.")
    ),
    "request.out_of_time": text(
        gettext_noop("The answer took too long, and was given up."), gettext_noop("Try again in a moment.")
    ),
}

TEXTS = {
    **_FIELDS,
    **_REFUSALS,
    "request.body_too_large": text(
        gettext_noop("The request is %(size)s MB; the limit for an image is %(limit)s MB."),
        gettext_noop("Send a smaller one: 2,000 pixels on the long side is plenty."),
        size=31.4,
        limit=20,
    ),
    "request.files_too_large": text(
        gettext_noop("The request is %(size)s MB; the limit is %(limit)s MB."),
        gettext_noop("Send fewer or smaller files."),
        size=312,
        limit=200,
    ),
    "request.import_too_large": text(
        gettext_noop("The file is larger than %(limit)s MB."),
        gettext_noop("Split it, or import it on the server."),
        limit=100,
    ),
    "request.too_large": text(gettext_noop("The request is too large."), gettext_noop("Send less at a time.")),
    "request.cut_off": text(gettext_noop("The request is malformed or incomplete."), gettext_noop("Send it again.")),
    "request.fields": text(gettext_noop("Some fields are not valid."), gettext_noop("See `errors`.")),
    "request.nested_too_deeply": text(
        gettext_noop("The body is nested too deeply."), gettext_noop("Send it as the documentation shows.")
    ),
    "request.not_an_object": text(
        gettext_noop("The body is not a JSON object."), gettext_noop('Send one, such as {"image": "…"}.')
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
        gettext_noop("The photo shows fewer garments: %(count)s."),
        gettext_noop("Choose one of them; the first is 1."),
        count=2,
    ),
    "request.photo_gone": text(gettext_noop("This photo no longer exists."), gettext_noop("Choose another one.")),
    "request.sku_taken": text(
        gettext_noop("Another product already has this SKU."), gettext_noop("Choose another SKU.")
    ),
    "request.price_out_of_range": text(
        gettext_noop("The price of %(sku)s would become %(price)s."),
        gettext_noop("Choose another value."),
        sku="A-1",
        price="-5.00",
    ),
    "request.photo_order": text(
        gettext_noop("This list doesn’t match the product’s photos."),
        gettext_noop("List each of its photos once, in the new order."),
    ),
    "request.null_characters": text(gettext_noop("Null characters are not allowed."), gettext_noop("Leave them out.")),
    "request.not_a_boolean": text(gettext_noop("This is neither true nor false."), gettext_noop("Send true or false.")),
    "request.not_a_number": text(gettext_noop("This is not a number."), gettext_noop("Write it as 49.90.")),
    "request.too_low": text(gettext_noop("The number is too low."), gettext_noop("The minimum is %(limit)s."), limit=0),
    "request.too_high": text(
        gettext_noop("The number is too high."), gettext_noop("The maximum is %(limit)s."), limit=99999999
    ),
    "request.unknown_choice": text(
        gettext_noop("“%(value)s” is unknown."), gettext_noop("Choose another value."), value="no-such"
    ),
    "request.too_many_values": text(
        gettext_noop("There are too many values."), gettext_noop("The maximum is %(limit)s."), limit=100
    ),
    "request.query_too_long": text(
        gettext_noop("The search is longer than %(limit)s characters."), gettext_noop("Shorten it."), limit=200
    ),
    "request.ordering": text(
        gettext_noop("Unknown sort order."), gettext_noop("Sort by one of: %(names)s."), names=["price", "newest"]
    ),
    "idempotency.not_a_key": text(
        gettext_noop("This is not a valid Idempotency-Key."),
        gettext_noop("Send 1 to %(limit)s visible ASCII characters."),
        limit=255,
    ),
    "idempotency.mismatch": text(
        gettext_noop("This Idempotency-Key was already used for a different request."),
        gettext_noop("Use a new key for each new request."),
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
