"""Writing articles and photos through the API: the permission and the input serializers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from rest_framework import permissions, serializers
from rest_framework.request import Request

from catalogue.api.field_errors import say
from catalogue.api.serializers import MoneySerializer
from catalogue.browsing.filters import is_storable
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import (
    MAX_BARCODE,
    MAX_SIZE,
    MAX_STOCK,
    NOT_A_REDUCTION,
    Article,
    Brand,
    Category,
    Colour,
    Photo,
    Variant,
    default_currency,
    is_counted,
    is_reduction,
    replace_variants,
    sizes_of,
    total_stock,
)
from catalogue.models.recording import recording
from catalogue.rights import has_right

SIZES_AT_MOST = 50
PHOTOS_AT_MOST = 1_000
VARIANTS_AT_MOST = 500


class StaffMayWrite(permissions.BasePermission):
    """Allows everybody to read, and those to write who have the right to the view's model `written`."""

    verbs: ClassVar[dict[str, str]] = {"POST": "add", "PATCH": "change", "PUT": "change", "DELETE": "delete"}

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in permissions.SAFE_METHODS:
            return True
        verb = self.verbs.get(request.method or "", "")
        return has_right(request, f"catalogue.{verb}_{view.written._meta.model_name}")


class SlugOf(serializers.SlugRelatedField[Any]):
    """A related row, identified by its slug."""

    def __init__(self, model: type[models.Model] | None = None, **kwargs: Any) -> None:
        if model is not None:
            kwargs["queryset"] = model._default_manager.all()
        super().__init__(slug_field="slug", **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        # For text that is no slug, such as one with a null character, a database may raise an error.
        try:
            validate_slug(data)
        except ValidationError:
            self.fail("does_not_exist", slug_name="slug", value=str(data)[:100])
        return super().to_internal_value(data)


class BrandOf(SlugOf):
    """A brand, identified by its slug, or by its name as in responses."""

    def to_internal_value(self, data: Any) -> Any:
        named = None
        if isinstance(data, str) and is_storable(data):
            named = Brand.objects.filter(Q(name=data) | Q(name_fr=data), ~Q(name="")).first()
        return named or super().to_internal_value(data)


class PriceSerializer(MoneySerializer):
    """A price, zero or more."""

    amount = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", error_messages={"invalid": say("request.currency")})


class VariantInputSerializer(serializers.Serializer[Variant]):
    """A size of an article, or a size in one of its colours; without a size, the article as it is sold."""

    size = serializers.CharField(max_length=MAX_SIZE, required=False, allow_blank=True, default="")
    colour = SlugOf(Colour, allow_null=True, required=False)
    sku = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    barcode = serializers.RegexField(
        r"^[0-9A-Za-z]*\Z",
        error_messages={"invalid": say("request.barcode")},
        max_length=MAX_BARCODE,
        required=False,
        allow_blank=True,
        default="",
        help_text="GTIN, EAN or UPC.",
    )
    stock = serializers.IntegerField(
        min_value=0,
        max_value=MAX_STOCK,
        required=False,
        allow_null=True,
        default=None,
        help_text="Null: not counted by size.",
    )


class ArticleInputSerializer(serializers.ModelSerializer[Article]):
    """An article as staff write it. PATCH leaves missing fields unchanged."""

    category = SlugOf(Category, allow_null=True, required=False)
    additional_categories = SlugOf(
        Category, many=True, required=False, help_text="Slugs of further categories: the complete list."
    )
    brand = BrandOf(Brand, allow_null=True, required=False, help_text="The brand's slug, or its name.")
    colours = SlugOf(Colour, many=True, required=False)
    price = PriceSerializer(allow_null=True, required=False)
    regular_price = PriceSerializer(
        allow_null=True,
        required=False,
        help_text="The price before a reduction: higher than the price, in the same currency. Null: no reduction.",
    )
    sizes = serializers.ListField(child=serializers.CharField(max_length=30), max_length=SIZES_AT_MOST, required=False)

    variants = VariantInputSerializer(  # type: ignore[call-arg]  # max_length is of a list's serializer
        many=True,
        required=False,
        max_length=VARIANTS_AT_MOST,
        help_text="The complete list of variants; `sizes` and `stock` then follow from them.",
    )

    class Meta:
        model = Article
        fields = (
            "sku",
            "style_number",
            "name",
            "name_fr",
            "description",
            "description_fr",
            "category",
            "additional_categories",
            "brand",
            "price",
            "regular_price",
            "colours",
            "sizes",
            "stock",
            "variants",
            "published",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values with the price split into the columns `price` and `currency`.

        Raises ValidationError if the regular price would not be higher than the price, or in another currency.
        """
        regular = attrs.get("regular_price")
        if "regular_price" in attrs:
            attrs["regular_price"] = regular["amount"] if regular else None
        if "price" in attrs:
            money = attrs["price"]
            attrs["price"] = money["amount"] if money else None
            if money:
                attrs["currency"] = money["currency"]

        def now(name: str) -> Any:
            return attrs.get(name, getattr(self.instance, name, None))

        if regular and regular["currency"] != (now("currency") or default_currency()):
            raise serializers.ValidationError({"regular_price": render(Message.of("request.regular_currency"))})
        if now("regular_price") is not None and not is_reduction(now("price"), now("regular_price")):
            raise serializers.ValidationError({"regular_price": NOT_A_REDUCTION})
        self._check_variants(attrs)
        return attrs

    def _check_variants(self, attrs: dict[str, Any]) -> None:
        """Raise ValidationError for sizes or a stock other than those of the variants."""
        if (sent := attrs.get("variants")) is not None:
            attrs["variants"] = [Variant(**values) for values in sent]
            sizes = sizes_of(attrs["variants"])
            if set(attrs.get("sizes", sizes)) != set(sizes):
                raise serializers.ValidationError({"sizes": render(Message.of("request.sizes_of_variants"))})
        elif self.instance is not None and "sizes" not in attrs:
            sent = list(self.instance.variants.all())
        variants = attrs.get("variants", sent) or []
        if "stock" in attrs and is_counted(variants) and attrs["stock"] != total_stock(variants, None):
            raise serializers.ValidationError({"stock": render(Message.of("request.stock_of_variants"))})

    def create(self, validated_data: dict[str, Any]) -> Article:
        variants = validated_data.pop("variants", None)
        return self._with_variants(super().create(validated_data), variants)

    def update(self, instance: Article, validated_data: dict[str, Any]) -> Article:
        variants = validated_data.pop("variants", None)
        # Read again: a worker may have proposed what it is since.
        instance = Article.objects.select_for_update().filter(pk=instance.pk).first() or instance
        return self._with_variants(super().update(instance, instance.with_confirmed(validated_data)), variants)

    def _with_variants(self, article: Article, variants: list[Variant] | None) -> Article:
        if variants is not None:
            replace_variants(article, variants)
        return article

    def save(self, **kwargs: Any) -> Article:
        try:
            # What it changes in the article is one edit.
            with transaction.atomic(), recording("api") as made, made.together():
                return super().save(**kwargs)
        except IntegrityError as error:
            # Another request may have deleted a category or brand between validation and write.
            self.run_validation(self.initial_data)
            raise InvalidRequestError({"sku": [Message.of("request.sku_taken")]}) from error


class PhotoChangeSerializer(serializers.Serializer[Photo]):
    """The fields of a photo to change; missing ones stay unchanged."""

    image = serializers.FileField(required=False, help_text="Replaces the photo: JPEG, PNG, WebP, GIF, AVIF or HEIC.")
    alt = serializers.CharField(max_length=200, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)


class PhotoOrderSerializer(serializers.Serializer[Any]):
    """The ids of all photos of an article, in the new order."""

    photos = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=PHOTOS_AT_MOST
    )


class PhotoInputSerializer(serializers.Serializer[Photo]):
    """A photo of an article: a file, as a form sends it."""

    image = serializers.FileField(help_text="JPEG, PNG, WebP, GIF, AVIF or HEIC.")
    alt = serializers.CharField(max_length=200, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False, help_text="Default: last.")
