"""The two full-text engines behind one function: FTS5 on SQLite, tsvector on PostgreSQL.

An engine gets tokens of ASCII letters and digits, and returns which articles have them. It neither analyses nor ranks,
so that both give the same results in the same order.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import connection
from django.db.models.expressions import RawSQL

from catalogue.text_search.clauses import TEXT, TITLE, TRAITS, AllOf, AnyOf, Clause, Phrase

TABLE = "catalogue_searchdocument"
FTS5_TABLE = "catalogue_searchdocument_fts5"
# Weights of a tsvector stand for the fields.
_WEIGHTS = {TITLE: "A", TRAITS: "B", "codes": "C", TEXT: "D"}
_NOTHING = "qnothing"


def matching_ids(clause: Clause) -> RawSQL:
    """Return a subquery of the ids of the articles whose documents meet a clause, for `pk__in`."""
    return RawSQL(*matching_statement(clause))  # noqa: S611  (all of it is made here; tokens are letters and digits)


def matching_statement(clause: Clause) -> tuple[str, tuple[str]]:
    """Return the statement that selects the ids of the articles whose documents meet a clause, and its parameter."""
    if connection.vendor == "postgresql":
        return f"SELECT article_id FROM {TABLE} WHERE tokens @@ %s::tsquery", (to_tsquery(clause),)  # noqa: S608  (a constant)
    return f"SELECT rowid FROM {FTS5_TABLE} WHERE {FTS5_TABLE} MATCH %s", (to_fts5(clause),)  # noqa: S608  (a constant)


def newest_matching_ids(clause: Clause, limit: int) -> list[int]:
    """Return the ids of at most `limit` articles whose documents meet a clause, the highest first."""
    sql, parameters = matching_statement(clause)
    column = "article_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {column} DESC LIMIT {int(limit)}", parameters)
        return [row[0] for row in cursor.fetchall()]


def all_matching_ids(clause: Clause) -> list[int]:
    """Return the ids of all articles whose documents meet a clause, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(*matching_statement(clause))
        return [row[0] for row in cursor.fetchall()]


def to_fts5(clause: Clause) -> str:
    """Return a clause as FTS5 reads it: https://www.sqlite.org/fts5.html, section 3."""
    if isinstance(clause, Phrase):
        _check(clause)
        return f'{clause.field} : "{" ".join(clause.tokens)}"{" *" if clause.prefix else ""}'
    if not clause.clauses:
        return f'"{_NOTHING}"' if isinstance(clause, AnyOf) else ""
    if isinstance(clause, AllOf):
        return f"({' AND '.join(map(to_fts5, clause.clauses))})"
    fields, others = _by_token(clause)
    single = [f'{{{" ".join(some)}}} : "{token}"' for token, some in fields.items()]
    return f"({' OR '.join([*single, *map(to_fts5, others)])})"


def to_tsquery(clause: Clause) -> str:
    """Return a clause as PostgreSQL reads a tsquery."""
    if isinstance(clause, Phrase):
        _check(clause)
        weight = _WEIGHTS[clause.field]
        lexemes = [f"'{token}':{weight}" for token in clause.tokens]
        if clause.prefix:
            lexemes[-1] = f"'{clause.tokens[-1]}':*{weight}"
        return f"({' <-> '.join(lexemes)})"
    if not clause.clauses:
        return f"'{_NOTHING}'"
    if isinstance(clause, AllOf):
        return f"({' & '.join(map(to_tsquery, clause.clauses))})"
    fields, others = _by_token(clause)
    single = [f"'{token}':{''.join(_WEIGHTS[field] for field in some)}" for token, some in fields.items()]
    return f"({' | '.join([*single, *map(to_tsquery, others)])})"


def _by_token(clause: AnyOf) -> tuple[dict[str, list[str]], list[Clause]]:
    """Return the fields in which single tokens may be, and the other alternatives: an engine reads a token once."""
    fields: dict[str, list[str]] = defaultdict(list)
    others: list[Clause] = []
    for part in clause.clauses:
        if isinstance(part, Phrase) and len(part.tokens) == 1 and not part.prefix:
            _check(part)
            fields[part.tokens[0]].append(part.field)
        else:
            others.append(part)
    return fields, others


def _check(phrase: Phrase) -> None:
    """Raise ValueError for a token that an engine could take for a part of its language."""
    if not phrase.tokens or not all(token.isascii() and token.isalnum() for token in phrase.tokens):
        raise ValueError(f"No tokens: {phrase.tokens}")
