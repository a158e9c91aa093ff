"""Statements that the ORM writes once, for what each search asks.

Writing one takes it ten times as long as the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

Row = tuple[Any, ...]

# A statement is written for so many ids, for twice as many, and so on; what is missing is the last id once more.
LEAST_IDS, MOST_IDS = 16, 8_192
# What stands for a value while a statement is written. No number and no text of ours is one of these.
_NUMBERS_FROM = 1_900_000_000
_TEXT = "\N{WHITE DIAMOND CONTAINING BLACK SMALL DIAMOND}"


class Prepared:
    """The SELECT of a query of plain columns (`values_list`) whose conditions hold some ids and values.

    `write` returns that query for a list of ids, and for values that are numbers or texts. It is called with others
    than are asked for later, once for each database and length of the list: nothing else may depend on what it gets.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, Row]]) -> None:
        self._write = write
        self._written: dict[tuple[str, str, int], _Statement] = {}

    def rows(self, ids: Sequence[int] | None = None, *values: int | str) -> list[Row]:
        """Return the rows as the query would. An empty list of ids has none; a query without a list is given None."""
        if ids is None:
            return self._rows((), values, 0)
        found: list[Row] = []
        for start in range(0, len(ids), MOST_IDS):
            some = ids[start : start + MOST_IDS]
            size = max(LEAST_IDS, 1 << (len(some) - 1).bit_length())
            found += self._rows([*some, *[some[-1]] * (size - len(some))], values, size)
        return found

    def _rows(self, ids: Sequence[int], values: Sequence[int | str], size: int) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.alias, connection.vendor, size)
        statement = self._written.get(key)
        if statement is None:
            statement = self._written[key] = _Statement.written(self._write, size, values)
        return statement.rows(connection, [*ids, *values])


@dataclass(frozen=True, slots=True)
class _Statement:
    """`parameters` has what is the same each time, and in `places` what is given, in that order.

    `converters` has, by column, what makes the database's value that of the field.
    """

    sql: str
    parameters: tuple[Any, ...]
    places: tuple[int, ...]
    converters: dict[int, tuple[Sequence[Callable[..., Any]], Any]]

    @classmethod
    def written(cls, write: Callable[..., QuerySet[Any, Row]], size: int, values: Sequence[int | str]) -> _Statement:
        ids = [_NUMBERS_FROM + place for place in range(size)]
        marks = [
            f"{_TEXT}{place}" if isinstance(value, str) else _NUMBERS_FROM + size + place
            for place, value in enumerate(values)
        ]
        query = write(ids, *marks) if size else write(*marks)
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        # The same value may stand in several places: a filter on a relation repeats it.
        if any(parameters.count(mark) != 1 for mark in (*ids, *marks)):
            raise ValueError(f"Each id and value must stand in the statement once: {sql}")
        columns = [expression for expression, *_ in compiler.select]
        return cls(
            sql,
            tuple(parameters),
            tuple(parameters.index(mark) for mark in (*ids, *marks)),
            compiler.get_converters(columns),
        )

    def rows(self, connection: Any, given: Sequence[Any]) -> list[Row]:
        parameters = list(self.parameters)
        for place, value in zip(self.places, given, strict=True):
            parameters[place] = value
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows: list[Row] = cursor.fetchall()
        if not self.converters:
            return rows
        return [self._converted(row, connection) for row in rows]

    def _converted(self, row: Row, connection: Any) -> Row:
        values = list(row)
        for column, (converters, expression) in self.converters.items():
            for convert in converters:
                values[column] = convert(values[column], expression, connection)
        return tuple(values)
