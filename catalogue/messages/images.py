"""Messages of images: reading them, fetching them from an address, framing a part."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

_SMALLER = gettext_noop("Send a smaller one; 2,000 pixels on its long side are plenty.")
_BROWSER = gettext_noop("Open the address in a browser to see why.")

TEXTS = {
    "image.empty": text(gettext_noop("The file is empty."), gettext_noop("Send it again.")),
    "image.unknown_format": text(
        gettext_noop("This file type isn’t supported."),
        gettext_noop("Send a JPEG, PNG, WebP, GIF, AVIF or HEIC image."),
    ),
    "image.damaged": text(
        gettext_noop("We couldn’t open this image: it is damaged."), gettext_noop("Save it again as JPEG.")
    ),
    "image.truncated": text(
        gettext_noop("This image is cut off: the end of the file is missing."), gettext_noop("Send the whole file.")
    ),
    "image.heic_unsupported": text(
        gettext_noop("HEIC photos, as an iPhone takes them, aren’t supported in this shop."),
        gettext_noop(
            "Save the photo as JPEG, or set the iPhone’s camera to “Most Compatible”. The shop’s owner can install "
            "the decoder, pi-heif."
        ),
    ),
    "image.too_many_bytes": text(
        gettext_noop("The file has %(size)s MB; %(limit)s MB are allowed."), _SMALLER, size=31.4, limit=20
    ),
    "image.over_bytes": text(gettext_noop("The file has more than %(limit)s MB."), _SMALLER, limit=20),
    "image.too_many_pixels": text(
        gettext_noop(
            "The image has %(width)s × %(height)s pixels, which are %(megapixels)s megapixels; %(limit)s are allowed."
        ),
        _SMALLER,
        width=12000,
        height=9000,
        megapixels=108,
        limit=50,
    ),
    "image.over_pixels": text(gettext_noop("The image has more than %(limit)s megapixels."), _SMALLER, limit=50),
    "draft.too_many": text(
        gettext_noop("%(count)s photos of yours wait to be saved, and no more can be kept."),
        gettext_noop("Save the forms that they belong to, or delete them."),
        count=200,
    ),
    "draft.too_many_bytes": text(
        gettext_noop("Photos of yours that wait to be saved have %(size)s MB, and no more can be kept."),
        gettext_noop("Save the forms that they belong to, or delete them."),
        size=1000,
    ),
    "draft.not_kept": text(
        gettext_noop("The photo cannot be kept until the form is saved: the shop’s disk may be full."),
        gettext_noop("Choose it again when the form has no other errors."),
    ),
    "draft.gone": text(
        gettext_noop("This photo is no longer kept: it waited for more than a day, or was deleted."),
        gettext_noop("Choose the file again."),
    ),
    "draft.saved_elsewhere": text(
        gettext_noop("This photo was saved with %(article)s already."),
        gettext_noop("Choose the file again if this product is to have it too."),
        article="Linen dress (D-1)",
    ),
    "base64.not_in_data_url": text(
        gettext_noop("The data: address is not base64."), gettext_noop("Write data:image/jpeg;base64, and the text.")
    ),
    "base64.invalid": text(
        gettext_noop("The text is not base64."),
        gettext_noop("Send the image’s bytes in base64, without any other characters."),
    ),
    # One text for every cause: which one it was would tell a stranger what our network looks like.
    "fetch.refused": text(
        gettext_noop("No image could be fetched from this address."),
        gettext_noop(
            "It must be http or https, on a public host, and answer quickly with one image of an allowed size. "
            "Or send the image itself."
        ),
    ),
    "fetch.not_plain": text(
        gettext_noop("It is not a plain http or https address."),
        gettext_noop("Write it as https://host/picture.jpg."),
        internal=True,
    ),
    "fetch.port": text(
        gettext_noop("The address names a port other than 80 and 443."), gettext_noop("Leave it out."), internal=True
    ),
    "fetch.redirects": text(
        gettext_noop("The address redirects too many times."),
        gettext_noop("Give the address at the end of the redirects."),
        internal=True,
    ),
    "fetch.unknown_host": text(
        gettext_noop("The host’s name is not known."), gettext_noop("Correct it, or wait until it is."), internal=True
    ),
    "fetch.not_public": text(
        gettext_noop("The host is not on the public Internet."),
        gettext_noop("Use the address of a public server."),
        internal=True,
    ),
    "fetch.too_slow": text(gettext_noop("The server was too slow."), _BROWSER, internal=True),
    "fetch.connection": text(
        gettext_noop("The server cannot be reached, or broke the connection."), _BROWSER, internal=True
    ),
    "fetch.status": text(
        gettext_noop("The server answered with status %(status)d."), _BROWSER, internal=True, status=404
    ),
    "fetch.file_too_large": text(
        gettext_noop("The file has more than %(limit)s MB."),
        gettext_noop("Have it split, or raise SHOP_IMPORT_MAX_BYTES."),
        internal=True,
        limit=100,
    ),
    "fetch.gzip_cut_off": text(
        gettext_noop("The compressed file is cut off: its end is missing."),
        gettext_noop("Nothing of it was used; it is fetched again."),
        internal=True,
    ),
    "fetch.gzip_damaged": text(
        gettext_noop("The compressed file is damaged."), gettext_noop("Have it made anew."), internal=True
    ),
    "fetch.in_bin": text(
        gettext_noop("The article is in the bin."),
        gettext_noop("Restore the article; the image is fetched then."),
        internal=True,
    ),
    "fetch.interrupted": text(
        gettext_noop("Fetching the image was interrupted several times."),
        gettext_noop("Give the address of another image."),
        internal=True,
    ),
    "fetch.other_bytes": text(
        gettext_noop("The image is not the expected one: it was damaged on its way, or replaced."),
        gettext_noop("Fetch it again; if it stays so, do without it."),
        internal=True,
    ),
    "fetch.not_kept": text(
        gettext_noop("The image was fetched and cannot be stored."),
        gettext_noop("Check whether the shop’s disk is full."),
        internal=True,
    ),
    "crop.not_numbers": text(
        gettext_noop("This is not a frame."), gettext_noop("Give four numbers from 0 to 1: x,y,width,height.")
    ),
    "crop.outside": text(
        gettext_noop("The frame leaves the image."),
        gettext_noop("Give x, y, width and height as fractions from 0 to 1."),
    ),
    "crop.too_small": text(
        gettext_noop("The frame holds %(width)s × %(height)s pixels; it needs %(least)s on each side."),
        gettext_noop("Draw a larger one."),
        width=9,
        height=40,
        least=16,
    ),
}
