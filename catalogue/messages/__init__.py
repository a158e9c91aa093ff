"""Messages to people: a code and parameters, kept as they are and put into words late, in the reader's language.

    raise UnreadableImageError("image.empty")                   # an engine, a worker: no words
    source.error = error.message.as_json()                      # {"code": "image.empty", "params": {}}
    render(Message.from_json(source.error))                     # the reader's language: catalogue.messages.rendering

The words of each code, a cause and a remedy, are in the modules beside this one; other apps register their own. None
of this imports Django, so engines may use it; only `rendering` does, which knows the reader's language.
"""

from __future__ import annotations

from catalogue.messages import archives, feeds, history, images, jobs, offers, requests, scheduled_feeds
from catalogue.messages.message import Json, Message, Param
from catalogue.messages.registry import Plural, Text, codes, english, register, text_of

__all__ = ["Json", "Message", "Param", "Plural", "Text", "codes", "english", "register", "text_of"]

for texts in (
    images.TEXTS,
    feeds.TEXTS,
    archives.TEXTS,
    history.TEXTS,
    jobs.TEXTS,
    offers.TEXTS,
    requests.TEXTS,
    scheduled_feeds.TEXTS,
):
    register(texts)
