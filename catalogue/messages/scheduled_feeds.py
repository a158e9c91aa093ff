"""Messages of feeds that the shop fetches by itself."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

TEXTS = {
    "feed.interrupted": text(
        gettext_noop("Fetching the feed was interrupted %(times)s times."),
        gettext_noop("Look for the cause in the worker’s log. The feed will be fetched again as scheduled."),
        internal=True,
        times=5,
    ),
    "feed.login_needed": text(
        gettext_noop("The server responded with status %(status)d: it asks for a user name and a password."),
        gettext_noop("Add them in the feed’s settings."),
        internal=True,
        status=401,
    ),
    "feed.login_refused": text(
        gettext_noop("The server responded with status %(status)d: it refuses this user name and password."),
        gettext_noop("Correct them in the feed’s settings."),
        internal=True,
        status=401,
    ),
}
