"""Which columns hold which fields: said by people, guessed by headings, used by the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, CsvReader, FeedError, RowError
from catalogue.feeds.column_guess import guess, heading_key
from catalogue.feeds.columns import (
    chosen_of,
    column_names,
    mapping_of,
    problems,
    read_columns,
    written_columns,
)
from catalogue.feeds.csv_reader import FIELDS
from catalogue.feeds.rows import VariantRow
from catalogue.messages import english


def guessed(*headings: str, samples: dict[int, list[str]] | None = None) -> list[str]:
    cells = [(samples or {}).get(index, []) for index in range(len(headings))]
    return guess(headings, cells, FIELDS)


def rows_of(folder: Path, text: str, columns: str) -> list[ArticleRow | RowError]:
    path = folder / "feed.csv"
    path.write_text(text, encoding="utf-8")
    return list(CsvReader(path, columns=read_columns(columns), alone=True))


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("sku", "SKU|Sku|Réf.|REFERENCE|référence|Réf produit|Code article|N° article|ref_article|UGS"),
        ("name", "Name|NOM|Désignation|designation|Libellé|libelle_produit|Titre|Product name|Nom de l’article"),
        ("price", "Price|Prix|Prix TTC|PRIX_TTC (€)|Prix de vente TTC|PV TTC|Prix en EUR|Tarif|Retail Price"),
        ("stock", "Stock|Quantité|Qté|QTE|qty|Quantity in stock|Stock disponible"),
        ("colour", "Colour|color|Couleur|Coloris|COULEURS"),
        ("size", "Size|Taille|Pointure|tailles"),
        ("category", "Category|Catégorie|Rayon|Famille|CATEGORIES (x,y,z...)|Product Type|Sous-catégorie"),
        ("brand", "Brand|Marque|MARQUES|Manufacturer|Fabricant|Vendor"),
        ("description", "Description|Descriptif|Description longue|Body (HTML)"),
        ("description_fr", "description_fr|Description FR|Description en français"),
        ("photo", "Photo|Image|Images|Visuel 1|Image principale"),
        ("published", "Published|Publié|Actif (0/1)|En ligne|active"),
    ],
)
def test_a_heading_is_known_in_english_and_french_however_it_is_written(field: str, headings: str) -> None:
    assert {heading: guessed(heading) for heading in headings.split("|")} == {
        heading: [field] for heading in headings.split("|")
    }


@pytest.mark.parametrize(
    "heading",
    ["Prix HT", "Prix d’achat", "Cost", "Poids", "Reference fournisseur", ""],
)
def test_a_heading_that_means_something_else_is_not_guessed(heading: str) -> None:
    assert guessed(heading) == [""]


def test_every_field_is_known_by_its_own_name() -> None:
    assert guessed(*FIELDS) == list(FIELDS)


def test_of_two_columns_for_one_field_the_surer_one_gets_it() -> None:
    assert guessed("EAN13", "Référence", "Tarif", "Prix TTC") == ["variant_barcode", "sku", "", "price"]


def test_levels_of_a_category_are_taken_together_where_they_stand_in_order() -> None:
    assert guessed("Rayon", "Famille", "Sous-famille") == ["category"] * 3
    assert guessed("Famille", "Rayon") == ["category", ""]
    assert guessed("Type", "Catégorie") == ["", "category"]
    assert guessed("Rayon", "category") == ["", "category"]


def test_columns_of_addresses_are_preferred_to_columns_of_files() -> None:
    headings = ("Réf", "Photo", "Image 1", "Image 2")

    assert guessed(*headings) == ["sku", "photo", "photo", "photo"]
    assert guessed(*headings, samples={2: ["https://a.example/1.jpg"], 3: ["HTTP://a.example/2.jpg"]}) == [
        "sku",
        "",
        "photo_url",
        "photo_url",
    ]


def test_what_says_more_of_something_is_not_guessed_without_it() -> None:
    assert guessed("Devise", "Texte alternatif") == ["", ""]
    assert guessed("Devise", "Prix", "Légende", "Photo") == ["currency", "price", "photo_alt", "photo"]


def test_a_heading_is_compared_by_its_letters_and_digits() -> None:
    assert (
        heading_key(" PRIX\N{NO-BREAK SPACE}de_vente-TTC (€) ") == heading_key("prix de vente ttc") == "prixdeventettc"
    )


def test_columns_are_told_apart_whatever_their_headings() -> None:
    assert column_names(["Image", "image", "", "Réf\N{NO-BREAK SPACE}1", "#3", "x" * 200]) == [
        "Image #1",
        "image #2",
        "#3'",
        "Réf 1",
        "#3",
        "x" * 100 + "…",
    ]


def test_a_mapping_is_written_as_it_is_read() -> None:
    text = "sku=Réf.,size=Taille,size=Pointure,category=Cat. (x,y,z...),price="

    columns = read_columns(text)

    assert columns == {
        "sku": ("Réf.",),
        "size": ("Taille", "Pointure"),
        "category": ("Cat. (x,y,z...)",),
        "price": (),
    }
    assert written_columns(columns) == text
    assert read_columns("\ufeffsku = Réf.\r\nsize=Taille\n\nsize=Pointure\n") == {
        "sku": ("Réf.",),
        "size": ("Taille", "Pointure"),
    }


def test_what_is_chosen_for_columns_is_a_mapping_and_back() -> None:
    names = ["Réf.", "price", "Taille", "Pointure", "name"]
    chosen = ["sku", "", "size", "size", "name"]

    columns = mapping_of(names, chosen, FIELDS)

    assert columns == {"sku": ("Réf.",), "size": ("Taille", "Pointure"), "name": ("name",), "price": ()}
    assert chosen_of(names, columns, FIELDS) == chosen


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        (["sku", "", "size", "size"], {}),
        (["", "name"], {0: "No column is chosen as the SKU"}),
        (["sku", "price", "price"], {2: "Another column is already used for this field"}),
        (
            ["sku", "photo_alt", "brand_fr"],
            {1: "This column adds to another one", 2: "This column adds to another one"},
        ),
        (["sku", "photo_alt", "photo_url"], {}),
    ],
)
def test_what_is_wrong_with_a_choice_is_told_of_its_column(chosen: list[str], wrong: dict[int, str]) -> None:
    found = {index: english(message) for index, message in problems(chosen).items()}

    assert found.keys() == wrong.keys()
    assert all(words in found[index] for index, words in wrong.items())


def test_several_columns_hold_one_field(tmp_path: Path) -> None:
    text = "ref,rayon,famille,t1,t2,i1,i2\n1,Femme,Robes > Été,S|M,L,https://a.example/1.jpg,https://a.example/2.jpg\n2,,Robes,[clear],XL,,\n3,,,[clear],[clear],,\n"
    columns = "sku=ref,category=famille,category=rayon,size=t1,size=t2,photo_url=i1,photo_url=i2"

    first, second, third = rows_of(tmp_path, text, columns)

    assert first == ArticleRow(
        "2",
        "1",
        {"sizes": ["S", "M", "L"]},
        category=("Femme", "Robes", "Été"),
        photo_urls=("https://a.example/1.jpg", "https://a.example/2.jpg"),
    )
    assert second == ArticleRow("3", "2", {"sizes": ["XL"]}, category=("Robes",))
    assert third == ArticleRow("4", "3", {"sizes": []})


@pytest.mark.parametrize(
    ("field", "text", "parts"),
    [
        ("size", "36, 38, 40", ["36", "38", "40"]),
        ("size", "36,38,40", ["36", "38", "40"]),
        ("size", "36;38,5", ["36", "38,5"]),
        ("size", "S/M/XL", ["S", "M", "XL"]),
        ("size", "36/38", ["36/38"]),
        ("size", "38,5", ["38,5"]),
        ("size", "S|M/L", ["S", "M/L"]),
        ("colour", "rouge, bleu / vert;noir", ["rouge", "bleu", "vert", "noir"]),
        ("category", "Femme / Robes » Été", ["Femme", "Robes", "Été"]),
        ("category", "Femme > T-shirts / tops", ["Femme", "T-shirts / tops"]),
        ("photo_url", "https://a.b/1.jpg, https://a.b/2,3.jpg https://a.b/4.jpg", ["1.jpg", "2,3.jpg", "4.jpg"]),
    ],
)
def test_several_values_of_a_foreign_cell_are_parted_as_other_shops_do_it(
    tmp_path: Path, field: str, text: str, parts: list[str]
) -> None:
    (row,) = rows_of(tmp_path, f'ref\ttheirs\n1\t"{text}"\n', f"sku=ref,{field}=theirs")

    assert isinstance(row, ArticleRow)
    urls = [url.removeprefix("https://a.b/") for url in row.photo_urls or ()]
    assert [*row.values.get("sizes", ()), *(row.colours or ()), *(row.category or ()), *urls] == parts


def test_numbers_of_variants_are_parted_as_their_sizes(tmp_path: Path) -> None:
    text = (
        "ref;tailles;ean;stocks\n1;36, 38, 40;4006381333931, 96385074, ;3/0/1\n2;36, 38;4006381333931,96385074;3, 0\n"
    )
    columns = "sku=ref,size=tailles,variant_barcode=ean,variant_stock=stocks"

    refused, row = rows_of(tmp_path, text, columns)

    assert isinstance(refused, RowError)
    assert "stocks" in english(refused.message)
    assert isinstance(row, ArticleRow)
    assert row.variants == (
        VariantRow("36", "", {"barcode": "4006381333931", "stock": 3}),
        VariantRow("38", "", {"barcode": "96385074", "stock": 0}),
    )


def test_a_cell_of_our_own_column_is_read_as_it_is(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, 'sku,size,colour,category\n1,"36, 38",red/blue,A / B\n', "")

    assert row == ArticleRow("2", "1", {"sizes": ["36, 38"]}, category=("A / B",), colours=("red/blue",))


def test_a_column_that_is_called_as_a_field_is_not_read_where_it_shall_not_be(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sku,price\n1,5\n", "price=") == [ArticleRow("2", "1")]


def test_an_error_names_the_column_as_the_file_does(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "Réf.;Prix TTC\n1;cher\n", "sku=Réf.,price=Prix TTC")

    assert isinstance(row, RowError)
    assert english(row.message).startswith("Prix TTC: “cher” is not a price.")


def test_one_of_two_columns_with_the_same_heading_is_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sku,Nom,nom\n1,A,B\n", "name=nom #2") == [ArticleRow("2", "1", {"name": "B"})]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("sku=Réf.,name=a,name=b", "Several columns are mapped to the field name: a, b."),
        ("sku=", "has no column “sku”"),
        ("sku=Réf.,name=none", "has no column “none”"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path: Path, columns: str, words: str) -> None:
    with pytest.raises(FeedError) as refused:
        rows_of(tmp_path, "Réf.,a,b\n1,2,3\n", columns)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("Réf|Prix|Prix barré", "sku|price|regular_price"),
        ("Réf|Prix TTC|Prix avant réduction", "sku|price|regular_price"),
        ("SKU|Price|Compare at price", "sku|price|regular_price"),
        ("SKU|Price|Regular price", "sku|price|regular_price"),
        ("SKU|Regular price", "sku|price"),
        ("Réf|Taille|EAN", "sku|size|variant_barcode"),
        ("Réf|Code-barres", "sku|variant_barcode"),
        ("Réf|Barcode", "sku|variant_barcode"),
        ("EAN13|Prix", "sku|price"),
        ("Variant SKU|Variant Price|Variant Barcode", "sku|price|variant_barcode"),
        ("sku|Taille variante|Stock par taille", "sku|variant_size|variant_stock"),
    ],
)
def test_prices_before_a_reduction_and_barcodes_are_known(headings: str, fields: str) -> None:
    assert guessed(*headings.split("|")) == fields.split("|")


def test_as_many_sizes_as_barcodes_have_one_each(tmp_path: Path) -> None:
    text = "ref,taille,ean\n1,36|38,4006381333931|96385074\n2,36|38,4006381333931\n"

    first, second = rows_of(tmp_path, text, "sku=ref,size=taille,variant_barcode=ean")

    assert isinstance(first, ArticleRow)
    assert first.variants == (
        VariantRow("36", "", {"barcode": "4006381333931"}),
        VariantRow("38", "", {"barcode": "96385074"}),
    )
    assert isinstance(second, ArticleRow)
    assert second.variants == (VariantRow("", "", {"barcode": "4006381333931"}),)
