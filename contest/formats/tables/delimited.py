"""CSV: UTF-8, or UTF-16 with its mark; comma, semicolon or tab, as the first line shows."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from contest.formats.drafts import Place, Problem
from contest.formats.encoding import decode
from contest.formats.tables.cells import unshield
from contest.formats.tables.sheets import Sheet, collect
from contest.rules.refusals import Refusal

_DELIMITERS = ",;\t"
_SPOKEN = re.compile(r"sep=(.)\r?\n")  # the line by which a file tells Excel its delimiter
_QUOTED = re.compile('"[^"]*"')
_SNIFFED = 100_000


def read_delimited(data: bytes) -> Sheet | Problem:
    """Return a CSV file as a sheet without a name, or why it is refused as a whole."""
    text = decode(data, utf16=True)
    if isinstance(text, Problem):
        return text
    spoken = _SPOKEN.match(text)
    skipped = 1 if spoken else 0
    lines = StringIO(text[spoken.end() :] if spoken else text, newline="")
    reader = csv.reader(lines, delimiter=spoken[1] if spoken else _sniff(text), strict=True)
    try:
        return collect(None, _numbered(reader, skipped))
    except csv.Error as error:
        return Problem(Refusal("csv-broken"), Place(line=reader.line_num + skipped), str(error))


def first_lines(text: str, most: int) -> Iterator[list[str]]:
    """Yield the cells of the first lines of a CSV text, each line by itself, whatever its quotes do further down."""
    spoken = _SPOKEN.match(text)
    delimiter = spoken[1] if spoken else _sniff(text)
    for line in islice(StringIO(text), most):
        yield next(csv.reader([line[:_SNIFFED]], delimiter=delimiter), [])


def _numbered(reader: Iterator[list[str]], skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield every record with the number of the line it begins on."""
    line = 1 + skipped
    for cells in reader:
        yield line, [unshield(cell) for cell in cells]
        line = reader.line_num + 1 + skipped  # type: ignore[attr-defined]


def _sniff(text: str) -> str:
    for line in text[:_SNIFFED].splitlines():
        bare = _QUOTED.sub("", line)
        if any(delimiter in bare for delimiter in _DELIMITERS):
            return max(_DELIMITERS, key=bare.count)
    return ","
