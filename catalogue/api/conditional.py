"""Answers that a client has already are not sent again."""

from __future__ import annotations

from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page

# Gives a view's answers an ETag; who names it in If-None-Match while it holds gets a 304, without a body.
conditional = method_decorator(conditional_page, name="dispatch")
