"""The API's messages about invalid fields: a cause and a remedy, in the reader's language.

REST framework's fields take their texts from `default_error_messages` when they are made; ours replace those that its
fields would say. Imported by the package, before any serializer is.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from django.utils.functional import lazy
from rest_framework import serializers, validators

from catalogue.messages import Message
from catalogue.messages.rendering import render


def say(code: str, **params: str) -> Any:
    """Return a message that is rendered when it is shown; REST framework fills places such as {max_value}."""
    return lazy(lambda: render(Message(code, params)), str)()


_MESSAGES: dict[type[Any], dict[str, Any]] = {
    serializers.Field: {"required": say("request.missing"), "null": say("request.null")},
    serializers.BooleanField: {"invalid": say("request.not_a_boolean"), "null": say("request.null")},
    serializers.CharField: {
        "invalid": say("request.not_text"),
        "blank": say("request.blank"),
        "max_length": say("request.too_long", limit="{max_length}"),
        "min_length": say("request.too_short", limit="{min_length}"),
    },
    serializers.RegexField: {"invalid": say("request.wrong_form")},
    serializers.SlugField: {"invalid": say("request.not_a_slug")},
    serializers.URLField: {"invalid": say("request.not_a_url")},
    serializers.IntegerField: {
        "invalid": say("request.not_an_integer"),
        "max_value": say("request.too_high", limit="{max_value}"),
        "min_value": say("request.too_low", limit="{min_value}"),
        "max_string_length": say("request.not_an_integer"),
    },
    serializers.FloatField: {
        "invalid": say("request.not_a_number"),
        "max_value": say("request.too_high", limit="{max_value}"),
        "min_value": say("request.too_low", limit="{min_value}"),
        "max_string_length": say("request.not_a_number"),
        "overflow": say("request.not_a_number"),
    },
    serializers.DecimalField: {
        "invalid": say("request.not_a_number"),
        "max_value": say("request.too_high", limit="{max_value}"),
        "min_value": say("request.too_low", limit="{min_value}"),
        "max_digits": say("request.too_many_digits", limit="{max_digits}"),
        "max_decimal_places": say("request.too_many_places", limit="{max_decimal_places}"),
        "max_whole_digits": say("request.too_many_digits", limit="{max_whole_digits}"),
        "max_string_length": say("request.not_a_number"),
    },
    serializers.ChoiceField: {"invalid_choice": say("request.unknown_choice", value="{input}")},
    serializers.ListField: {
        "not_a_list": say("request.not_a_list"),
        "empty": say("request.too_few", least="1"),
        "min_length": say("request.too_few", least="{min_length}"),
        "max_length": say("request.too_many_values", limit="{max_length}"),
    },
    serializers.ListSerializer: {
        "not_a_list": say("request.not_a_list"),
        "empty": say("request.too_few", least="1"),
        "min_length": say("request.too_few", least="{min_length}"),
        "max_length": say("request.too_many_values", limit="{max_length}"),
    },
    serializers.Serializer: {"invalid": say("request.not_an_object_here")},
    serializers.ManyRelatedField: {
        "not_a_list": say("request.not_a_list"),
        "empty": say("request.too_few", least="1"),
    },
    serializers.SlugRelatedField: {
        "does_not_exist": say("request.unknown_choice", value="{value}"),
        "invalid": say("request.not_text"),
    },
    serializers.FileField: {
        "required": say("request.no_file"),
        "invalid": say("request.not_a_file"),
        "no_name": say("request.not_a_file"),
        "empty": say("request.empty_file"),
        "max_length": say("request.too_long", limit="{max_length}"),
    },
}
for _field, _messages in _MESSAGES.items():
    _field.default_error_messages = {**getattr(_field, "default_error_messages", {}), **_messages}
ProhibitNullCharactersValidator.message = say("request.null_characters")
validators.UniqueValidator.message = say("request.sku_taken")
validators.ProhibitSurrogateCharactersValidator.message = say("request.not_utf8")
