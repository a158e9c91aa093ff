"""An option of an article is a size or a colour in the language of whoever named it, or neither."""

from __future__ import annotations

import pytest

from catalogue.feeds.options import kind_of

SIZES = [
    "Size", "SIZE", "size ", "Taille", "Tailles", "Taille EU", "Pointure", "Shoe Size", "EU Size", "Größe", "Talla",
    "Tamaño", "Taglia", "Maat", "Rozmiar", "Storlek", "Размер", "サイズ", "尺码", "Size (EU)", "Waist", "Ring size",
    "Kids size", "T-shirt size", "Age", "Âge", "A\u0302ge", "pa_size", "Size:", "Size of the collar",
]  # fmt: skip
COLOURS = [
    "Color", "COLOR", "Colour", "Couleur", "Couleurs", "Coloris", "Farbe", "Colore", "Cor", "Kleur", "Kolor", "Färg",
    "Цвет", "カラー", "颜色", "Colour Name", "Color:", "Teinte", "Shade", "Finish", "pa_color", "Couleur du tissu",
]  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_a_size_is_known_in_many_languages(name: str) -> None:
    assert kind_of(name) == "sizes"


@pytest.mark.parametrize("name", COLOURS)
def test_a_colour_is_known_in_many_languages(name: str) -> None:
    assert kind_of(name) == "colours"


@pytest.mark.parametrize("name", ["", " ", "Title", "Titre", "(EU)", "*"])
def test_an_option_that_says_nothing_is_neither_and_is_not_told(name: str) -> None:
    assert kind_of(name) == ""


@pytest.mark.parametrize("name", ["Material", "Matière", "Colouring book", "Sizeless", "Pattern", "Corset"])
def test_any_other_option_is_neither(name: str) -> None:
    assert kind_of(name) is None


def test_an_option_that_names_both_is_a_size() -> None:
    assert kind_of("Size of the color card") == "sizes"
