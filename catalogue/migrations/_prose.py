"""The English sentences that rows stored before there were codes, and what they are now. Frozen: for migrations only.

A name of a group says what it is, before the first underscore: i a whole number, f a number, q a text that was quoted,
l names with commas between, m another sentence, w where a row stands, s a text as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

Known = Sequence[tuple[str, str]]

IMAGES: Known = (
    (r"The file is empty\. Send it again\.", "image.empty"),
    (r"The file is not a JPEG, PNG, WebP, GIF or AVIF picture, or it is damaged\..*", "image.damaged"),
    (r"HEIC pictures are not read here\..*", "image.heic_unsupported"),
    (r"The file has more than (?P<f_limit>[\d.e+-]+) MB\. Send it smaller.*", "image.over_bytes"),
    (
        r"The picture has (?P<i_width>\d+) × (?P<i_height>\d+) pixels, more than (?P<f_limit>[\d.e+-]+) megapixels\..*",
        "image.too_many_pixels",
    ),
    (r"The picture has more than (?P<f_limit>[\d.e+-]+) megapixels\. Send it smaller\.", "image.over_pixels"),
)
FETCHES: Known = (
    (r"It is not a plain http or https address\..*", "fetch.not_plain"),
    (r"The address names a port that is not asked\..*", "fetch.port"),
    (r"The address leads to another again and again\..*", "fetch.redirects"),
    (r"The host's name is not known\..*", "fetch.unknown_host"),
    (r"The host is not on the public Internet\..*", "fetch.not_public"),
    (r"The server was too slow\..*", "fetch.too_slow"),
    (r"The server cannot be reached, or broke the connection\..*", "fetch.connection"),
    (r"The server answered with status (?P<i_status>\d+)\..*", "fetch.status"),
    (r"The picture was fetched and cannot be kept here\..*", "fetch.not_kept"),
    (r"Fetching the picture was broken off again and again\..*", "fetch.interrupted"),
    (r"No picture could be fetched from this address\..*", "fetch.refused"),
)
ROWS: Known = (
    (r"it is empty\. Give each (article|item|product) a (number|handle) of its own", "cell.empty"),
    (r"it has (?P<i_length>[\d,]+) characters; (?P<i_limit>[\d,]+) are possible\. Shorten it", "cell.too_long"),
    (r"it contains control characters\..*", "cell.control_characters"),
    (r"(?P<q_value>'.*'|\".*\") is not a price\. Write it as 1299\.00, without a currency", "cell.not_a_price"),
    (r"(?P<q_value>'.*'|\".*\") is not a price\. Write it as 1299\.00 EUR", "cell.not_money"),
    (r"(?P<q_value>'.*'|\".*\") is not a currency\..*", "cell.not_a_currency"),
    (r"(?P<q_value>'.*'|\".*\") is not a number of pieces\..*", "cell.not_a_stock"),
    (r"(?P<q_value>'.*'|\".*\") is neither yes nor no\..*", "cell.not_a_flag"),
    (r"(?P<q_value>'.*'|\".*\") is no part of an address\..*", "cell.not_a_slug"),
    (r"(?P<q_value>'.*'|\".*\") is not a colour\..*", "cell.not_a_hex_colour"),
    (r"(?P<q_value>'.*'|\".*\") is not a time\..*", "cell.not_a_period"),
    (r"(?P<q_value>'.*'|\".*\") is not known\. Write in_stock, out_of_stock, preorder or backorder", "cell.not_an_availability"),
    (r"it is (?P<i_depth>\d+) levels deep; (?P<i_limit>\d+) are possible\. Leave some out", "cell.too_deep"),
    (r"there are (?P<i_number>\d+); (?P<i_limit>\d+) are possible\. Leave some out", "cell.too_many_addresses"),
    (r"the items of a group have several currencies\. Give them one", "cell.several_currencies"),
    (
        r"(?P<s_column>\w+) has (?P<i_parts>\d+) parts for (?P<i_needed>\d+)\. Write as many, or none",
        "cell.parts",
    ),
    (r"(?P<q_address>'.*'|\".*\")… has more than (?P<i_limit>[\d,]+) characters\. Shorten it", "cell.address_too_long"),
    (r"the photo (?P<q_photo>'.*'|\".*\") cannot be opened", "photo.not_opened"),
    (r"the photo (?P<q_photo>'.*'|\".*\") is outside the folder of photos\..*", "photo.outside"),
    (r"there is no photo (?P<q_photo>'.*'|\".*\") in the folder of photos\..*", "photo.missing"),
    (r"the photo (?P<q_photo>'.*?'|\".*?\") cannot be read: (?P<s_error>.*)", "photo.not_read"),
    (r"the photo (?P<q_photo>'.*?'|\".*?\") is not used: (?P<m_reason>.*)", "photo.not_used"),
    (r"a photo has no name", "photo.no_name"),
    (r"(?P<w_where>[^:]+) has the same\. Give each article a number of its own", "row.duplicate_sku"),
    (r"(?P<q_sku>'.*'|\".*\") differs in capitals only\..*", "row.sku_case"),
    (r"(?P<i_cells>\d+) cells under (?P<i_columns>\d+) columns\..*", "row.too_many_cells"),
    (r"(?P<s_error>.*)\. Look for a quotation mark without its pair", "row.quotation_mark"),
    (r"it has more than (?P<i_limit>[\d,]+) lines\. Split it into several articles", "row.too_many_lines"),
    (r"its texts have more than (?P<i_limit>[\d,]+) characters, or are too many\. Shorten it", "row.too_many_texts"),
    # Last: what they hold is any of the others.
    (r"(?P<q_address>'\S*'|\"\S*\"): (?P<m_reason>.+)", "cell.address"),
    (r"(?P<s_column>[\w() ]+): (?P<m_reason>.+)", "cell.in_column"),
)
FILES: Known = (
    (r"(?P<s_file>.*) is empty\. Choose another file\.", "feed.empty"),
    (r"(?P<s_file>.*) has no articles\. Choose another file\.", "feed.no_rows"),
    (r"(?P<s_file>.*) is not a text file\..*", "feed.not_text"),
    (r"(?P<s_file>.*) cannot be kept here: (?P<s_error>.*)\. Look whether the disk is full\.", "feed.not_kept"),
    (r"(?P<s_file>.*) cannot be read: (?P<s_error>.*)\.", "feed.not_read"),
    (
        r"(?P<s_file>.*) has no column (?P<q_column>.*)\. Its columns are (?P<l_columns>.*)\. "
        r"Map the field (?P<s_field>\w+) to one of them\.",
        "feed.no_column",
    ),
    (r"(?P<s_file>.*) has no column 'Handle'\..*", "feed.no_handle"),
    (r"(?P<s_file>.*) has no column 'id'\..*", "feed.no_id"),
    (r"Two columns of (?P<s_file>.*) are called (?P<q_column>.*)\. Rename one\.", "feed.column_twice"),
    (r"There is no field (?P<l_unknown>.*)\. The fields are (?P<l_fields>.*)\.", "feed.unknown_field"),
    (r"There is no encoding called (?P<q_encoding>.*)\. Try.*", "feed.unknown_encoding"),
    (r"(?P<s_file>.*) is not (?P<s_encoding>\S+)\. Save it as UTF-8, or name its encoding.*", "feed.wrong_encoding"),
    (r"(?P<s_file>.*) is in an encoding that is not read\..*", "feed.encoding_not_supported"),
    (r"(?P<s_file>.*) is not XML from line (?P<i_line>\d+) on: (?P<s_error>.*?)\. Have it written.*", "feed.not_xml"),
    (r"(?P<s_file>.*) is not read: it has a document type.*, in line (?P<i_line>\d+)\.", "feed.doctype"),
    (
        r"(?P<s_file>.*) is not read: it begins with (?P<q_tag>.*), and a feed.*, in line (?P<i_line>\d+)\.",
        "feed.not_a_feed",
    ),
    (r"(?P<s_file>.*) is not read: a tag or a comment.*, in line (?P<i_line>\d+)\.", "feed.endless_tag"),
    (r"(?P<s_file>.*) is not read: its tags are too.*, in line (?P<i_line>\d+)\.", "feed.nested_too_deeply"),
    (r"(?P<s_file>.*) is not a CSV file: (?P<s_error>.*)\.", "feed.not_csv"),
    (r"Line (?P<i_line>\d+) of (?P<s_file>.*) has more than (?P<i_limit>[\d,]+) characters\..*", "feed.line_too_long"),
    (
        r"The import of (?P<s_file>.*) broke off (?P<i_times>\d+) times at row (?P<i_row>\d+)\.",
        "import.interrupted",
    ),
)


def message_of(prose: str, known: Known) -> dict[str, Any]:
    """Return a sentence as code and parameters. One that is not known is kept as it is."""
    for pattern, code in known:
        if found := re.fullmatch(pattern, prose, re.DOTALL):
            params = dict(_param(name, text, known) for name, text in found.groupdict().items())
            if code == "image.too_many_pixels":
                params["megapixels"] = params["width"] * params["height"] / 1e6
            if code == "cell.parts":
                column = params.pop("column")
                return {"code": "cell.in_column", "params": {"column": column, "reason": {"code": code, "params": params}}}
            return {"code": code, "params": params}
    return {"code": "text", "params": {"text": prose}}


def line_of(place: str) -> str:
    """Return what "line 12", "item 3, line 40" or a path is now."""
    if found := re.fullmatch(r"line (\d+)", place):
        return found[1]
    if found := re.fullmatch(r"item (\d+), line (\d+)", place):
        return f"{found[2]} #{found[1]}"
    return place


def _where(place: str) -> dict[str, Any]:
    line, _, item = line_of(place).partition(" #")
    if place == line or not line.isdecimal():
        return {"code": "text", "params": {"text": place}}
    if item:
        return {"code": "row.item", "params": {"line": int(line), "item": int(item)}}
    return {"code": "row.line", "params": {"line": int(line)}}


def _param(name: str, text: str, known: Known) -> tuple[str, Any]:
    kind, _, name = name.partition("_")
    values: dict[str, Callable[[], Any]] = {
        "i": lambda: int(text.replace(",", "")),
        "f": lambda: float(text),
        "q": lambda: _unquoted(text),
        "l": lambda: text.split(", "),
        "m": lambda: message_of(text, known),
        "w": lambda: _where(text),
        "s": lambda: text,
    }
    return name, values[kind]()


def _unquoted(text: str) -> str:
    try:
        value = str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in value)
