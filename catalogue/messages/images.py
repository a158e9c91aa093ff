"""Messages of images: reading them, fetching them from an address, framing a part."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

_SMALLER = gettext_noop("Send a smaller one: 2,000 pixels on the long side is plenty.")
_AS_JPEG = gettext_noop("Save it as JPEG, not progressive, 2,000 pixels on its long side; that is plenty.")
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
        gettext_noop("This image is incomplete: the end of the file is missing."), gettext_noop("Send the whole file.")
    ),
    "image.heic_unsupported": text(
        gettext_noop("This shop doesn’t support HEIC photos, the format of iPhones."),
        gettext_noop(
            "Save the photo as JPEG, or set the iPhone’s camera to “Most Compatible”. The shop’s owner can install "
            "the decoder, pi-heif."
        ),
    ),
    "image.too_many_bytes": text(
        gettext_noop("The file is %(size)s MB; the limit is %(limit)s MB."), _SMALLER, size=31.4, limit=20
    ),
    "image.over_bytes": text(gettext_noop("The file is larger than %(limit)s MB."), _SMALLER, limit=20),
    "image.too_many_pixels": text(
        gettext_noop(
            "The image is %(width)s × %(height)s pixels (%(megapixels)s megapixels); the limit is %(limit)s megapixels."
        ),
        _SMALLER,
        width=12000,
        height=9000,
        megapixels=108,
        limit=50,
    ),
    "image.over_pixels": text(gettext_noop("The image has more than %(limit)s megapixels."), _SMALLER, limit=50),
    "image.too_narrow": text(
        gettext_noop("The image has %(width)s × %(height)s pixels: one side is more than %(limit)s times the other."),
        gettext_noop("Crop it."),
        width=12000,
        height=90,
        limit=50,
    ),
    "image.too_costly": text(gettext_noop("Decoding this image would take too much memory or time."), _AS_JPEG),
    "image.busy": text(
        gettext_noop("Other large images are waiting to be read."),
        gettext_noop("Try again in a few seconds, or send a smaller one; 2,000 pixels on its long side are plenty."),
    ),
    "draft.too_many": text(
        gettext_noop("You already have %(count)s unsaved photos, which is the limit."),
        gettext_noop("Save the products they belong to, or delete them."),
        count=200,
    ),
    "draft.too_many_bytes": text(
        gettext_noop("Your unsaved photos already take up %(size)s MB, and there is no room for more."),
        gettext_noop("Save the products they belong to, or delete them."),
        size=1000,
    ),
    "draft.not_kept": text(
        gettext_noop("The photo couldn’t be kept for this form: the shop’s disk may be full."),
        gettext_noop("Choose it again once the form has no other errors."),
    ),
    "draft.gone": text(
        gettext_noop("This photo is no longer available: it stayed unsaved for more than a day, or was deleted."),
        gettext_noop("Choose the file again."),
    ),
    "draft.saved_elsewhere": text(
        gettext_noop("This photo was already saved with %(article)s."),
        gettext_noop("Choose the file again if this product should have it too."),
        article="Linen dress (D-1)",
    ),
    "base64.not_in_data_url": text(
        gettext_noop("The data: URL is not base64."),
        gettext_noop("Write data:image/jpeg;base64, followed by the text."),
    ),
    "base64.invalid": text(
        gettext_noop("The text is not base64."),
        gettext_noop("Send the image’s bytes in base64, without any other characters."),
    ),
    # One text for every cause: which one it was would tell a stranger what our network looks like.
    "fetch.refused": text(
        gettext_noop("No image could be fetched from this address."),
        gettext_noop(
            "Use an http or https address on a public host that quickly returns one image of an allowed size. Or "
            "send the image itself."
        ),
    ),
    "fetch.not_plain": text(
        gettext_noop("It is not a plain http or https address."),
        gettext_noop("Write it as https://host/image.jpg."),
        internal=True,
    ),
    "fetch.port": text(
        gettext_noop("The address has a port other than 80 or 443."), gettext_noop("Leave it out."), internal=True
    ),
    "fetch.redirects": text(
        gettext_noop("The address redirects too many times."),
        gettext_noop("Use the final address of the redirects."),
        internal=True,
    ),
    "fetch.unknown_host": text(
        gettext_noop("This host name can’t be found."), gettext_noop("Correct it, or try again later."), internal=True
    ),
    "fetch.not_public": text(
        gettext_noop("The host is not on the public Internet."),
        gettext_noop("Use the address of a public server."),
        internal=True,
    ),
    "fetch.too_slow": text(gettext_noop("The server was too slow."), _BROWSER, internal=True),
    "fetch.connection": text(
        gettext_noop("The server can’t be reached, or closed the connection."), _BROWSER, internal=True
    ),
    "fetch.status": text(
        gettext_noop("The server responded with status %(status)d."), _BROWSER, internal=True, status=404
    ),
    "fetch.file_too_large": text(
        gettext_noop("The file is larger than %(limit)s MB."),
        gettext_noop("Have it split, or raise SHOP_IMPORT_MAX_BYTES."),
        internal=True,
        limit=100,
    ),
    "fetch.gzip_cut_off": text(
        gettext_noop("The compressed file is incomplete: its end is missing."),
        gettext_noop("Nothing was imported from it; it will be fetched again."),
        internal=True,
    ),
    "fetch.gzip_damaged": text(
        gettext_noop("The compressed file is damaged."), gettext_noop("Have it generated again."), internal=True
    ),
    "fetch.in_bin": text(
        gettext_noop("The product is in the bin."),
        gettext_noop("Restore the product, and the image will be downloaded."),
        internal=True,
    ),
    "fetch.interrupted": text(
        gettext_noop("Downloading the image was interrupted several times."),
        gettext_noop("Use the address of another image."),
        internal=True,
    ),
    "fetch.other_bytes": text(
        gettext_noop("This is not the expected image: it was damaged in transit, or replaced."),
        gettext_noop("Download it again. If that doesn’t help, leave it out."),
        internal=True,
    ),
    "fetch.not_kept": text(
        gettext_noop("The image was downloaded but couldn’t be saved."),
        gettext_noop("Check whether the shop’s disk is full."),
        internal=True,
    ),
    "crop.not_numbers": text(
        gettext_noop("This is not a crop area."), gettext_noop("Send four numbers from 0 to 1: x,y,width,height.")
    ),
    "crop.outside": text(
        gettext_noop("The crop area extends beyond the image."),
        gettext_noop("Send x, y, width and height as fractions from 0 to 1."),
    ),
    "crop.too_small": text(
        gettext_noop("The crop area is %(width)s × %(height)s pixels; it must be at least %(least)s on each side."),
        gettext_noop("Choose a larger one."),
        width=9,
        height=40,
        least=16,
    ),
}
