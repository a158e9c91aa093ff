"""Files to fill in, one for each format that is read: all columns that are used, and one article as an example.

Each can be imported as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.styles import Font

from catalogue.feeds.csv_reader import FIELDS

_FRONT, _BACK = "https://pictures.example/front.jpg", "https://pictures.example/back.jpg"
_NAME, _NAME_FR = "Linen summer dress", "Robe d’été en lin"
_ABOUT, _ABOUT_FR = "Light dress of washed linen.", "Robe légère en lin lavé."
_WIDTH = 18
_BARCODE = "4006381333931"


@dataclass(frozen=True)
class Template:
    """A file to fill in: its name, the format that it is recognised as, its language if it has one, and its cells."""

    file: str
    kind: str
    example: Mapping[str, str]
    language: str = ""
    delimiter: str = ","
    # A line above the headings that says what they are.
    comments: Sequence[str] = ()

    @property
    def content_type(self) -> str:
        ending = self.file.rpartition(".")[2]
        return {
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xml": "application/xml",
            "tsv": "text/tab-separated-values; charset=utf-8",
        }.get(ending, "text/csv; charset=utf-8")

    def content(self) -> bytes:
        if self.file.endswith(".xlsx"):
            return _workbook((list(self.example), list(self.example.values())))
        if self.file.endswith(".xml"):
            return _feed(self.example)
        lines = [self.comments] if self.comments else []
        return _table([*lines, list(self.example), list(self.example.values())], self.delimiter)


def _table(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    # The byte order mark, by which spreadsheets recognise UTF-8.
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _workbook(rows: Iterable[Sequence[str]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = _WIDTH
        column[0].font = Font(bold=True)
        for cell in column:
            # Text: a number that begins with 0 would lose it, a long one its last digits.
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    book.save(file)
    return file.getvalue()


def _feed(example: Mapping[str, str]) -> bytes:
    item = "\n".join(f"<g:{name}>{escape(text)}</g:{name}>" for name, text in example.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Products</title>
<item>
{item}
</item>
</channel>
</rss>
""".encode()


_OWN = dict.fromkeys(FIELDS, "") | {
    "sku": "D-0017", "name": _NAME, "name_fr": _NAME_FR, "category": "Women > Dresses", "brand": "Anna",
    "price": "39.90", "regular_price": "59.90", "currency": "EUR", "colour": "red|blue", "size": "36|38|40",
    "stock": "12", "published": "no", "photo_url": f"{_FRONT}|{_BACK}",
}  # fmt: skip
_GOOGLE = {
    "id": "D-0017-36", "item_group_id": "D-0017", "title": _NAME, "description": _ABOUT, "availability": "in_stock",
    "price": "39.90 EUR", "sale_price": "29.90 EUR",
    "sale_price_effective_date": "2026-01-01T00:00Z/2026-01-31T23:59Z", "brand": "Anna",
    "product_type": "Women > Dresses", "color": "red/blue", "size": "36", "image_link": _FRONT,
    "additional_image_link": _BACK, "gtin": _BARCODE,
}  # fmt: skip
_META = {
    "id": "D-0017-36", "title": _NAME, "description": _ABOUT, "availability": "in stock", "price": "39.90 EUR",
    "image_link": _FRONT, "brand": "Anna", "quantity_to_sell_on_facebook": "12", "sale_price": "", "item_group_id":
    "D-0017", "visibility": "published", "additional_image_link": _BACK, "color": "red/blue", "size": "36",
    "product_type": "Women > Dresses", "gtin": _BARCODE,
}  # fmt: skip
_META_EN = (
    "# Required | The number of the item", "# Required | Its name", "# Required | What it is",
    "# Required | in stock, out of stock", "# Required | With its currency, as in 39.90 EUR",
    "# Required | Address of the main image", "# Required | Its brand", "# Optional | Items in stock",
    "# Optional | Price on sale", "# Optional | The number that its variants share",
    "# Optional | published, hidden", "# Optional | Further images, with commas between", "# Optional | Its colour",
    "# Optional | Its size", "# Optional | Its category", "# Optional | Its barcode",
)  # fmt: skip
_META_FR = (
    "# Obligatoire | Le numéro de l’article", "# Obligatoire | Son nom", "# Obligatoire | Ce que c’est",
    "# Obligatoire | in stock, out of stock", "# Obligatoire | Avec sa devise : 39.90 EUR",
    "# Obligatoire | Adresse de l’image principale", "# Obligatoire | Sa marque", "# Facultatif | Pièces en stock",
    "# Facultatif | Prix soldé", "# Facultatif | Le numéro commun à ses variantes",
    "# Facultatif | published, hidden", "# Facultatif | Autres images, séparées par des virgules",
    "# Facultatif | Sa couleur", "# Facultatif | Sa taille", "# Facultatif | Sa catégorie",
    "# Facultatif | Son code-barres",
)  # fmt: skip
_FRENCH = {"title": _NAME_FR, "description": _ABOUT_FR, "color": "rouge/bleu", "product_type": "Femme > Robes"}

_ALL = (
    Template("articles.csv", "csv", _OWN),
    Template("articles.xlsx", "csv", _OWN),
    Template("shopify.csv", "shopify", {
        "Title": _NAME, "URL handle": "linen-summer-dress", "Description": f"<p>{_ABOUT}</p>", "Vendor": "Anna",
        "Type": "Women > Dresses", "Published on online store": "TRUE", "Status": "Active", "Option1 name": "Size",
        "Option1 value": "36", "Option2 name": "Color", "Option2 value": "Red", "SKU": "D-0017-36",
        "Barcode": _BARCODE, "Price": "39.90", "Compare-at price": "59.90",
        "Inventory tracker": "shopify", "Inventory quantity": "12", "Continue selling when out of stock": "DENY",
        "Product image URL": _FRONT, "Image position": "1", "Image alt text": "Front", "Variant image URL": _BACK,
    }),
    Template("woocommerce.csv", "woocommerce", {
        "ID": "17", "Type": "simple", "SKU": "D-0017", "GTIN, UPC, EAN, or ISBN": "", "Name": _NAME, "Published": "1",
        "Visibility in catalog": "visible", "Short description": "", "Description": _ABOUT,
        "Date sale price starts": "", "Date sale price ends": "", "In stock?": "1", "Stock": "12",
        "Backorders allowed?": "0", "Sale price": "", "Regular price": "39.90", "Categories": "Women > Dresses",
        "Images": f"{_FRONT}, {_BACK}", "Parent": "", "Brands": "Anna", "Attribute 1 name": "Color",
        "Attribute 1 value(s)": "Red, Blue", "Attribute 2 name": "Size", "Attribute 2 value(s)": "36, 38, 40",
    }, language="en"),
    Template("woocommerce-fr.csv", "woocommerce", {
        "ID": "17", "Type": "simple", "UGS": "D-0017", "GTIN, UPC, EAN ou ISBN": "", "Nom": _NAME_FR, "Publié": "1",
        "Visibilité dans le catalogue": "visible", "Description courte": "", "Description": _ABOUT_FR,
        "Date de début de promo": "", "Date de fin de promo": "", "En stock ?": "1", "Stock": "12",
        "Autoriser les commandes de produits en rupture ?": "0", "Tarif promo": "", "Tarif régulier": "39.90",
        "Catégories": "Femme > Robes", "Images": f"{_FRONT}, {_BACK}", "Parent": "", "Marques": "Anna",
        "Attribut 1 nom": "Couleur", "Attribut 1 valeur(s)": "Rouge, Bleu", "Attribut 2 nom": "Taille",
        "Attribut 2 valeur(s)": "36, 38, 40",
    }, language="fr"),
    Template("prestashop.csv", "prestashop", {
        "Product ID": "17", "Active (0/1)": "1", "Name *": _NAME, "Categories (x,y,z...)": "Dresses",
        "Price tax included": "39.90", "Discount amount": "", "Discount percent": "", "Discount from": "",
        "Discount to": "", "EAN-13": _BARCODE, "Reference #": "D-0017", "Manufacturer": "Anna", "Quantity": "12",
        "Summary": "", "Description": _ABOUT, "Image URLs (x,y,z...)": f"{_FRONT}, {_BACK}",
    }, language="en", delimiter=";"),
    Template("prestashop-fr.csv", "prestashop", {
        "ID produit": "17", "Actif (0/1)": "1", "Nom *": _NAME_FR, "Catégories (x,y,z...)": "Robes",
        "Prix TTC": "39,90", "Montant de la réduction": "", "Pourcentage de réduction": "", "Réduction du": "",
        "Réduction au": "", "EAN-13": _BARCODE, "Référence": "D-0017", "Marque": "Anna", "Quantité": "12",
        "Récapitulatif": "",
        "Description": _ABOUT_FR, "URL des images (x,y,z...)": f"{_FRONT}, {_BACK}",
    }, language="fr", delimiter=";"),
    Template("magento.csv", "magento", {
        "sku": "D-0017", "store_view_code": "", "attribute_set_code": "Default", "product_type": "simple",
        "categories": "Default Category/Women/Dresses", "name": _NAME, "description": _ABOUT,
        "short_description": "", "product_online": "1", "price": "39.90", "special_price": "",
        "special_price_from_date": "", "special_price_to_date": "", "base_image": _FRONT, "additional_images": _BACK,
        "additional_attributes": "color=Red,size=36", "qty": "12", "is_in_stock": "1", "manage_stock": "1",
        "allow_backorders": "0", "configurable_variations": "", "manufacturer": "Anna", "gtin": _BARCODE,
    }),
    Template("google-merchant.tsv", "google-tsv", _GOOGLE, delimiter="\t"),
    Template("google-merchant.xml", "google-xml", _GOOGLE),
    Template("meta.csv", "google-tsv", _META, language="en", comments=_META_EN),
    Template("meta-fr.csv", "google-tsv", _META | _FRENCH, language="fr", comments=_META_FR),
)  # fmt: skip
TEMPLATES: Mapping[str, Template] = {template.file: template for template in _ALL}
