"""Serializers of articles and categories: the API's responses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalogue.api.paging import PageSerializer
from catalogue.api.pictures import ABSOLUTE, PictureAddressField, PicturesSerializer, pictures_of, site_of
from catalogue.browsing.colour_variants import shown_colour_variants
from catalogue.browsing.tree import Branch
from catalogue.models import PROPOSABLE, Article, Brand, Category, Colour, Photo, Variant
from catalogue.photos.services import RENDITION_WIDTHS
from catalogue.problems import PROBLEM_TYPES

ADDRESS = {"type": "string", "format": "uri-reference"}


@extend_schema_field(ADDRESS)
class AddressField(serializers.CharField):
    """A URL relative to the shop's root."""


class MoneySerializer(serializers.Serializer[Any]):
    """An amount as a decimal string, such as 39.90, and its three-letter currency code."""

    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). Programs branch on `code`; `errors` maps field names to messages."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text=f"One of: {', '.join(PROBLEM_TYPES)}.")
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of this name, read before the property
        child=serializers.ListField(child=serializers.CharField())
    )


class ArticleSerializer(serializers.Serializer[Any]):
    """An article as in lists."""

    # Fetch articles with for_display(), and give the request as context, to which addresses of pictures belong. The
    # fields only describe the schema: to_representation bypasses them, since they would take longer than the query.

    id = serializers.IntegerField(read_only=True)
    sku = serializers.CharField(read_only=True, help_text=Article._meta.get_field("sku").help_text)
    name = serializers.CharField(read_only=True)
    url = AddressField(read_only=True, help_text="The article's page, in the language of the response.")
    category = serializers.CharField(read_only=True, allow_null=True)
    brand = serializers.CharField(read_only=True, allow_null=True)
    price = MoneySerializer(read_only=True, allow_null=True, help_text="Null without a price.")
    regular_price = MoneySerializer(
        read_only=True, allow_null=True, help_text="The price before a reduction; null if the price is not reduced."
    )
    in_stock = serializers.BooleanField(read_only=True)
    image = PictureAddressField(
        read_only=True, allow_null=True, help_text="The first photo, 320 pixels wide; null without photos."
    )
    pictures = PicturesSerializer(
        read_only=True, allow_null=True, help_text="The first photo in three sizes; null without photos."
    )

    def to_representation(self, instance: Article) -> dict[str, Any]:
        photo = instance.cover
        pictures = photo and pictures_of(photo, site_of(self.context))
        return {
            "id": instance.pk,
            "sku": instance.sku,
            "name": instance.title,
            "url": instance.get_absolute_url(),
            "category": instance.category and instance.category.slug,
            "brand": instance.brand and instance.brand.title,
            "price": money(instance.price, instance.currency),
            "regular_price": money(instance.regular_price, instance.currency),
            "in_stock": instance.in_stock,
            "image": pictures and pictures["small"]["url"],
            "pictures": pictures,
        }


def money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": currency}


class ColourSerializer(serializers.ModelSerializer[Colour]):
    """A colour that articles can be filtered by."""

    name = serializers.CharField(source="title", read_only=True)
    hex = serializers.CharField(read_only=True, help_text="For example #1f3a5f.")

    class Meta:
        model = Colour
        fields = ("slug", "name", "hex")
        read_only_fields = ("slug",)


class CategoryNameSerializer(serializers.ModelSerializer[Category]):
    """A category on the path from the root to an article."""

    name = serializers.CharField(source="title", read_only=True)

    class Meta:
        model = Category
        fields = ("slug", "name")
        read_only_fields = ("slug",)


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """One view of an article, as WebP in several widths."""

    alt = serializers.CharField(source="description", read_only=True, help_text="Describes the photo in words.")
    images = serializers.SerializerMethodField(help_text="The addresses of the image by width in pixels.")
    pictures = serializers.SerializerMethodField(help_text="The same three, each with its width and height.")

    class Meta:
        model = Photo
        fields = ("id", "alt", "images", "pictures")
        read_only_fields = ("id",)

    @extend_schema_field(
        {
            "type": "object",
            "properties": {str(width): ABSOLUTE for width in RENDITION_WIDTHS},
            "required": [str(width) for width in RENDITION_WIDTHS],
        }
    )
    def get_images(self, photo: Photo) -> dict[str, str]:
        site = site_of(self.context)
        return {str(width): photo.image_url(width, site=site) for width in RENDITION_WIDTHS}

    @extend_schema_field(PicturesSerializer)
    def get_pictures(self, photo: Photo) -> dict[str, Any]:
        return pictures_of(photo, site_of(self.context))


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """A size of an article, or a size in one of its colours."""

    colour = serializers.SlugRelatedField[Colour](slug_field="slug", read_only=True, allow_null=True)
    in_stock = serializers.BooleanField(read_only=True)

    class Meta:
        model = Variant
        fields = ("size", "colour", "sku", "barcode", "in_stock")
        read_only_fields = fields

    def to_representation(self, instance: Variant) -> dict[str, Any]:
        return {
            "size": instance.size,
            "colour": instance.colour and instance.colour.slug,
            "sku": instance.sku,
            "barcode": instance.barcode,
            "in_stock": instance.article.in_stock if instance.stock is None else instance.stock > 0,
        }


class WrittenVariantSerializer(serializers.ModelSerializer[Variant]):
    """A variant as staff wrote it."""

    colour = serializers.SlugRelatedField[Colour](slug_field="slug", read_only=True, allow_null=True)
    stock = serializers.IntegerField(read_only=True, allow_null=True, help_text="Null: not counted by size.")

    class Meta:
        model = Variant
        fields = ("size", "colour", "sku", "barcode", "stock")
        read_only_fields = fields


class WrittenSerializer(serializers.ModelSerializer[Article]):
    """What staff wrote of an article, as they wrote it, in both languages."""

    category = serializers.SlugRelatedField[Category](slug_field="slug", read_only=True, allow_null=True)
    brand = serializers.SlugRelatedField[Brand](slug_field="slug", read_only=True, allow_null=True)
    stock = serializers.IntegerField(read_only=True, allow_null=True)
    proposed = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PROPOSABLE)),
        read_only=True,
        help_text="Suggested from the photos and not confirmed yet.",
    )
    variants = WrittenVariantSerializer(many=True, read_only=True)

    class Meta:
        model = Article
        fields = (
            "name", "name_fr", "description", "description_fr", "category", "brand", "stock", "published", "proposed",
            "variants",
        )  # fmt: skip
        read_only_fields = fields


class ColourVariantSerializer(ArticleSerializer):
    """Another article of the same design, in another colour."""

    colours = ColourSerializer(many=True, read_only=True)

    def to_representation(self, instance: Article) -> dict[str, Any]:
        colours = ColourSerializer(instance.colours.all(), many=True).data
        return super().to_representation(instance) | {"colours": colours}


class ArticleDetailSerializer(ArticleSerializer):
    """An article with all that its page shows; with `context={"staff": True}`, with what staff wrote too."""

    # Fetch articles with for_page().

    description = serializers.CharField(read_only=True)
    category_path = CategoryNameSerializer(
        many=True, read_only=True, help_text="From the root of the tree to the article's category."
    )
    additional_categories = CategoryNameSerializer(
        many=True, read_only=True, help_text="Further categories in which the article is listed."
    )
    colours = ColourSerializer(many=True, read_only=True)
    sizes = serializers.ListField(child=serializers.CharField(), read_only=True)
    variants = VariantSerializer(
        many=True, read_only=True, help_text="Its sizes, or sizes in one colour; `sizes` lists each size once."
    )
    style_number = serializers.CharField(read_only=True, help_text=Article._meta.get_field("style_number").help_text)
    colour_variants = ColourVariantSerializer(
        many=True, read_only=True, help_text="The other published articles with its style number."
    )
    photos = PhotoSerializer(many=True, read_only=True)
    written = WrittenSerializer(read_only=True, required=False, help_text="With a token that sees hidden articles.")

    def to_representation(self, instance: Article) -> dict[str, Any]:
        path: list[Category] = []
        if instance.category is not None:
            path = [*Category.objects.get_ancestors(instance.category), instance.category]
        return super().to_representation(instance) | {
            "description": instance.text,
            "category_path": CategoryNameSerializer(path, many=True).data,
            "additional_categories": CategoryNameSerializer(instance.additional_categories.all(), many=True).data,
            "colours": ColourSerializer(instance.colours.all(), many=True).data,
            "sizes": instance.sizes,
            "variants": VariantSerializer(instance.variants.all(), many=True).data,
            "style_number": instance.style_number,
            "colour_variants": ColourVariantSerializer(
                shown_colour_variants(instance), many=True, context=self.context
            ).data,
            "photos": PhotoSerializer(instance.photos.all(), many=True, context=self.context).data,
            **({"written": WrittenSerializer(instance).data} if self.context.get("staff") else {}),
        }


class BranchSerializer(serializers.Serializer[Any]):
    """A category with its number of published articles and its subcategories."""

    slug = serializers.CharField(source="category.slug")
    name = serializers.CharField(source="category.title")
    url = serializers.SerializerMethodField(help_text="The category's page, in the language of the response.")
    articles = serializers.IntegerField(source="count", help_text="Including those of its subcategories.")
    children = serializers.SerializerMethodField()

    @extend_schema_field(ADDRESS)
    def get_url(self, branch: Branch) -> str:
        return branch.category.get_absolute_url()

    @extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/Branch"}})
    def get_children(self, branch: Branch) -> Any:
        return BranchSerializer(branch.children, many=True).data


class CountedSerializer(serializers.Serializer[Any]):
    """A choice of a filter, with the number of articles it leaves, given the other active filters."""

    slug = serializers.CharField(source="row.slug")
    name = serializers.CharField(source="row.title")
    articles = serializers.IntegerField(source="count")


class CountedColourSerializer(CountedSerializer):
    """A colour with its count."""

    hex = serializers.CharField(source="row.hex", help_text="For example #1f3a5f.")


class CountedSizeSerializer(serializers.Serializer[Any]):
    """A size with its count."""

    size = serializers.CharField()
    articles = serializers.IntegerField(source="count", help_text="Articles that have it in stock.")


class FacetsSerializer(serializers.Serializer[Any]):
    """The number of articles for each choice of a filter, counted with all other active filters."""

    categories = CountedSerializer(many=True, help_text="Including those of subcategories, in the order of the tree.")
    colours = CountedColourSerializer(many=True)
    sizes = CountedSizeSerializer(many=True)
    brands = CountedSerializer(many=True)
    in_stock = serializers.IntegerField(help_text="Articles in stock.")
    price_min = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True, help_text="The lowest.")
    price_max = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True, help_text="The highest.")
    currency = serializers.CharField(help_text="That of `price_min` and `price_max`.")
    currencies = serializers.ListField(
        child=serializers.CharField(), help_text="All currencies of the shop's prices, the main one first."
    )


class TextSearchSerializer(serializers.Serializer[Any]):
    """How the words were searched for."""

    corrected = serializers.CharField(
        allow_blank=True, help_text="The words searched for instead, if no article has the words given."
    )
    did_you_mean = serializers.CharField(allow_blank=True, help_text="Words that find many more articles.")
    unused = serializers.ListField(child=serializers.CharField(), help_text="Words that no article has; ignored.")
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Words beyond the first twelve; ignored.")
    relaxed = serializers.BooleanField(
        help_text="Whether no article has all words, so that those with the most are listed."
    )


@extend_schema_serializer(component_name="PaginatedArticleList", many=False)
class ArticlePageSerializer(PageSerializer):
    """A page of articles."""

    results = ArticleSerializer(many=True)
    facets = FacetsSerializer(required=False, help_text="With facets=true.")
    search = TextSearchSerializer(required=False, help_text="With q.")
