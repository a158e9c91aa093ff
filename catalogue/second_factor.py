"""The second factor of staff's logins: codes of an app by time (TOTP), and recovery codes for a lost phone.

Rows and checks are django-otp's. Recovery codes are kept as digests in its column of 16 characters.
"""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue.roles import is_owner

RECOVERY_CODES = 10
# 80 bits: more than anybody guesses, so that a plain digest is enough.
RECOVERY_BYTES, GROUP = 10, 4
# Of a digest, what the column takes.
DIGEST_CHARACTERS = 16


def is_required(user: Any) -> bool:
    """Whether settings ask a second factor of a user who has turned none on."""
    match settings.SECOND_FACTOR:
        case "staff":
            return bool(user.is_staff)
        case "owners":
            return is_owner(user)
    return False


def is_on(user: Any) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def missing_step(user: Any) -> str | None:
    """Return what a session's user has still to do: "check" a code, or "set_up" one first; None for nothing."""
    if not user.is_authenticated or user.is_verified():
        return None
    if is_on(user):
        return "check"
    return "set_up" if is_required(user) else None


def begin(user: User) -> TOTPDevice:
    """Return the device that waits for its first code, made if there is none."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=user, name="TOTP", confirmed=False)


@transaction.atomic
def confirm(user: User, code: str) -> TOTPDevice | None:
    """Turn the second factor on if the code is that of the device that waits; return it then."""
    device: TOTPDevice | None = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(digits_of(code)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device


@transaction.atomic
def verify(user: User, code: str) -> Device | None:
    """Return the device that accepts a code, of the app or of recovery, which is then used up; None if none does."""
    given = digits_of(code) if is_of_app(code) else digest_of(code)
    devices = kind_of(code).objects.select_for_update().filter(user=user, confirmed=True)
    return next((device for device in devices if device.verify_token(given)), None)


def wait_s(user: User, code: str) -> int:
    """Return for how many seconds no code of this kind is accepted, because of the wrong ones before."""
    waits = [0.0]
    for device in kind_of(code).objects.filter(user=user):
        _allowed, refused = device.verify_is_allowed()
        waits += [(refused["locked_until"] - timezone.now()).total_seconds()] if refused else []
    return math.ceil(max(waits))


def is_of_app(code: str) -> bool:
    """Whether a code has digits alone: those of recovery have letters."""
    return code.replace(" ", "").isdecimal()


def kind_of(code: str) -> Any:
    """Return the model of the devices that a code may be of."""
    return TOTPDevice if is_of_app(code) else StaticDevice


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Put new recovery codes in the place of those of before, and return them: they are kept nowhere."""
    device, _made = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery"})
    device.token_set.all().delete()
    codes = [recovery_code() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=digest_of(code)) for code in codes])
    return codes


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def turn_off(user: User) -> bool:
    """Remove a user's devices and recovery codes; return whether there were any."""
    found = [model.objects.filter(user=user).delete()[0] for model in (TOTPDevice, StaticDevice)]
    return any(found)


def qr_code(device: TOTPDevice) -> SafeString:
    """Return the QR code that an app reads a device from, as an SVG element without styles or scripts."""
    drawn = segno.make(device.config_url, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff")
    return mark_safe(drawn)  # noqa: S308  (paths that segno drew)


def secret_of(device: TOTPDevice) -> str:
    """Return a device's key as people type it into an app, in groups."""
    return grouped(base64.b32encode(device.bin_key).decode().rstrip("="), " ")


def recovery_code() -> str:
    return grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower(), "-")


def grouped(text: str, between: str) -> str:
    return between.join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def digits_of(code: str) -> str:
    return "".join(sign for sign in code if sign in "0123456789")


def digest_of(code: str) -> str:
    """Return the digest of a recovery code, however its groups are parted and its letters written."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARACTERS]
