"""Rows to test with, made by `ArticleFactory.create(…)` and its like. Pictures are drawn here, not read from files."""

# factory-boy annotates create(), and nothing else.
# mypy: disable-error-code="attr-defined, no-untyped-call, untyped-decorator, no-any-return"

from __future__ import annotations

import io
from typing import Any

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory
from PIL import Image, ImageDraw

from catalogue.models import Article, Brand, Category, Colour, Photo


def drawn_picture(
    colour: str = "#3b5998", *, size: tuple[int, int] = (48, 64), file_format: str = "PNG", shape: str = "rectangle"
) -> bytes:
    """Return a picture file: a garment-like figure ("rectangle" or "ellipse") of one colour on a pale ground."""
    width, height = size
    picture = Image.new("RGB", size, "#f4f1ec")
    figure = (width // 4, height // 6, width - width // 4, height - height // 6)
    draw = ImageDraw.Draw(picture)
    (draw.ellipse if shape == "ellipse" else draw.rectangle)(figure, fill=colour)
    file = io.BytesIO()
    picture.save(file, file_format)
    return file.getvalue()


class CategoryFactory(DjangoModelFactory[Category]):
    """A category at the root of the tree, or below `parent`."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")

    @classmethod
    def _create(cls, model_class: type[Category], *args: Any, **kwargs: Any) -> Category:
        parent: Category | None = kwargs.pop("parent", None)
        if parent is None:
            return Category.objects.add_root(kwargs)
        # Read again: treebeard numbers the children by what the parent's row says now.
        return Category.objects.add_child(Category.objects.get(pk=parent.pk), kwargs)


class BrandFactory(DjangoModelFactory[Brand]):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Brand {n}")
    slug = factory.Sequence(lambda n: f"brand-{n}")


class ColourFactory(DjangoModelFactory[Colour]):
    class Meta:
        model = Colour

    name = factory.Sequence(lambda n: f"Colour {n}")
    slug = factory.Sequence(lambda n: f"colour-{n}")
    hex = "#3b5998"


class ArticleFactory(DjangoModelFactory[Article]):
    """A published article without photos. `colours=[…]` gives it colours."""

    class Meta:
        model = Article
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"SKU-{n:04d}")
    name = factory.Sequence(lambda n: f"Article {n}")
    category = factory.SubFactory(CategoryFactory)
    brand = factory.SubFactory(BrandFactory)
    price = "39.90"
    currency = "EUR"

    @factory.post_generation
    def colours(self: Article, create: bool, chosen: list[Colour] | None, **kwargs: Any) -> None:
        if create and chosen:
            self.colours.set(chosen)


class PhotoFactory(DjangoModelFactory[Photo]):
    """A photo, drawn: `colour`, `shape`, `size` and `file_format` say how; or `data`, a file's bytes."""

    class Meta:
        model = Photo

    class Params:
        colour = "#3b5998"
        shape = "rectangle"
        size = (48, 64)
        file_format = "PNG"
        data = factory.LazyAttribute(
            lambda o: drawn_picture(o.colour, size=o.size, file_format=o.file_format, shape=o.shape)
        )

    article = factory.SubFactory(ArticleFactory)
    file = factory.LazyAttribute(lambda o: ContentFile(o.data, name="photo.png"))


def stock_small_shop() -> None:
    """Make four articles, a to d, the newest first, that differ in all that a list is filtered by."""
    tops = CategoryFactory.create(slug="tops", name="Tops")
    shirt = CategoryFactory.create(slug="shirt", name="Shirts", parent=tops)
    dress = CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    red, blue = ColourFactory.create(slug="red", name="Red"), ColourFactory.create(slug="blue", name="Blue")
    ColourFactory.create(slug="unused", name="Unused")
    claire, nord = BrandFactory.create(slug="claire", name="Claire"), BrandFactory.create(slug="nord", name="Nord")
    for sku, category, brand, colours, price, stock in (
        ("d", dress, nord, [], "80.00", 3),
        ("c", shirt, nord, [red, blue], None, 0),
        ("b", shirt, claire, [blue], "30.00", None),
        ("a", tops, claire, [red], "10.00", 0),
    ):
        ArticleFactory.create(
            sku=sku, name="Thing", category=category, brand=brand, colours=colours, price=price, stock=stock
        )
