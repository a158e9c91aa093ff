"""Sparse fieldsets: responses with only the requested fields of an article, as in `fields=id,name,image`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from catalogue.messages import Message
from catalogue.messages.message import shorten
from catalogue.messages.rendering import render

SAID = "Only these fields of each article, comma-separated. Default: all."


# The schema components to which `fields` applies.
CHOSEN_FROM = ("Article", "ArticleDetail", "Match")


def leave_out(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Mark each field of an article as optional in the OpenAPI document: a postprocessing hook of drf-spectacular."""
    for name in CHOSEN_FROM:
        result["components"]["schemas"].get(name, {}).pop("required", None)
    return result


def fields_schema(serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    one = "|".join(serializer().fields)
    return {"type": "string", "pattern": f"^({one})(,({one}))*$", "example": "id,name,image"}


def fields_parameter(serializer: type[serializers.Serializer[Any]]) -> OpenApiParameter:
    """Return the OpenAPI parameter `fields` for responses of this serializer."""
    return OpenApiParameter("fields", fields_schema(serializer), description=SAID)


def fields_field(serializer: type[serializers.Serializer[Any]]) -> serializers.Field[Any, Any, Any, Any]:
    """Return a serializer field that parses and validates `fields`."""

    @extend_schema_field(fields_schema(serializer))
    class FieldNames(serializers.Field[list[str], Any, str, Any]):
        def to_internal_value(self, data: Any) -> list[str]:
            known = serializer().fields
            names = [str(name).strip() for name in (data if isinstance(data, list) else str(data).split(","))]
            unknown = [name for name in names if name not in known]
            if unknown:
                message = Message.of("request.unknown_field", field=shorten(unknown[0], 50), fields=list(known))
                raise serializers.ValidationError(render(message))
            return names

        def to_representation(self, value: list[str]) -> str:
            return ",".join(value)

    return FieldNames(required=False, help_text=SAID)


def asked_fields(query: Mapping[str, Any], serializer: type[serializers.Serializer[Any]]) -> list[str] | None:
    """Return the names in a query's `fields`, None if it is absent. Raises ValidationError for an unknown name."""
    sent = query.get("fields")
    if not sent:
        return None
    try:
        names: list[str] = fields_field(serializer).run_validation(sent)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"fields": error.detail}) from error
    return names


def only(rows: Iterable[Mapping[str, Any]], names: list[str] | None) -> list[Any]:
    """Return the rows with only the named fields, in the rows' own order; None keeps all fields."""
    if names is None:
        return list(rows)
    return [{name: value for name, value in row.items() if name in names} for row in rows]
