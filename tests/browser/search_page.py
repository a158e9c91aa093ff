"""The search page as a shopper uses it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Page

FIRST = "#matches > li:first-child h3"

# Where the page's script sends a photo.
PHOTO_SENT = re.compile(r"/search/\?fragment=1$")

TEXT: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}

# Puts a file, given as base64, into a drop or paste event.
HAND_OVER = """([selector, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "mine.png", { type: "image/png" }));
  const init = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent(type, { ...init, clipboardData: data })
    : new DragEvent(type, { ...init, dataTransfer: data });
  document.querySelector(selector).dispatchEvent(event);
}"""

KEEP_WHAT_IS_SENT = """() => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    window.sent = body;
    send.call(this, body);
  };
}"""

WHAT_WAS_SENT = """async () => {
  const bytes = new Uint8Array(await window.sent.get("image").arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}"""

# Labels of the model that are no category of the shop of these tests.
OTHER_LABELS = ("hat", "longsleeve", "outwear", "shirt", "shoes", "shorts", "skirt")


def choose(page: Page, photo: Path | FilePayload) -> None:
    page.set_input_files("#photo", photo)
