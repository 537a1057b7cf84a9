"""Statements that everybody waits for: written with the models, compiled once, and given to the driver as they are.

What SQLAlchemy does for a statement each time (building it, looking it up, opening a result) costs several times what the
database takes for a row by its key. Here it is done once for each dialect; a call converts its values and asks the driver.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from contest.db.spreading import in_partitions, partition_of

Row = Any  # a named tuple of what a statement returns
Converter = Callable[[Any], Any]


class Ready:
    """A statement as one dialect's driver takes it."""

    def __init__(self, statement: Any, dialect: Dialect, member: str | None) -> None:
        compiled = statement.compile(dialect=dialect)
        if compiled.post_compile_params:
            raise TypeError("a frozen statement has no lists and no literals that vary")
        self._sql: str = compiled.string
        self._member = member
        self._parts = in_partitions(compiled.string) if member and dialect.name == "postgresql" else None
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        converters: Mapping[str, Converter] = compiled._bind_processors
        fixed = {
            name: _converted(converters.get(name), bind.value) for name, bind in binds.items() if not bind.required
        }
        order = compiled.positiontup if compiled.positional else list(binds)
        self._positional: bool = compiled.positional
        self._values = [(name, name in fixed, fixed.get(name), converters.get(name)) for name in order]
        columns = compiled._result_columns or ()
        converts = [c.type._cached_result_processor(dialect, None) for c in columns]
        self._row: Any = namedtuple("Row", [c.keyname for c in columns], rename=True) if columns else None
        self._converted = [(n, convert) for n, convert in enumerate(converts) if convert is not None]

    def sql(self, params: Mapping[str, Any]) -> str:
        """Return the text for parameters: where tables are spread, over the partition of the member among them."""
        if self._parts is None or (member := params[self._member or ""]) is None:
            return self._sql
        return self._parts[partition_of(member)]

    def values(self, params: Mapping[str, Any]) -> Any:
        """Return parameters as the driver takes them; raises KeyError for one that is missing."""
        found = [
            value if is_fixed else params[name] if convert is None else convert(params[name])
            for name, is_fixed, value, convert in self._values
        ]
        if self._positional:
            return found
        return {name: value for (name, *_), value in zip(self._values, found, strict=True)}

    def rows(self, found: list[Any]) -> list[Row]:
        """Return what the driver fetched with its columns converted and named."""
        make, converted = self._row._make, self._converted
        if not converted:
            return [make(row) for row in found]
        out = []
        for row in found:
            values = list(row)
            for n, convert in converted:
                values[n] = convert(values[n])
            out.append(make(values))
        return out


def _converted(convert: Converter | None, value: Any) -> Any:
    return value if convert is None else convert(value)


class Frozen:
    """A statement compiled once per dialect; `build` makes it, with all that varies as bindparams.

    `member` names the one of them that says whose attempts and responses it is about, all of which are this member's.
    """

    def __init__(self, build: Callable[[], Any], *, member: str | None = None) -> None:
        self._build, self._member = build, member
        self._ready: dict[str, Ready] = {}

    def ready(self, dialect: Dialect) -> Ready:
        """Return the statement as the driver of a dialect takes it."""
        name = dialect.name
        if name not in self._ready:
            self._ready[name] = Ready(self._build(), dialect, self._member)
        return self._ready[name]


def insertion(model: Any, *names: str) -> Frozen:
    """Return the statement that inserts one row of a model by the named columns."""
    columns = model.__table__.c
    given = {name: sa.bindparam(name, type_=columns[name].type) for name in names}
    return Frozen(lambda: sa.insert(model.__table__).values(given).inline())
