"""One row of a table: its cells by the key of their column, read as texts, dates and counts, with what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from contest.formats.drafts import Place, Problem
from contest.formats.tables.cells import Cell, as_text
from contest.formats.tables.sheets import Sheet
from contest.rules.refusals import Refusal
from contest.rules.text import FIRST_YEAR, LAST_YEAR, birth_date, clean

_EXCERPT = 80


@dataclass(slots=True)
class Record:
    """A row; what cannot be read is noted in `problems` and read as nothing."""

    sheet: Sheet
    number: int
    cells: Mapping[str, Cell]
    headers: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.sheet.place(self.number)

    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def refuse(self, key: str, refusal: Refusal) -> None:
        """Note why the cell of a column cannot be taken."""
        excerpt = as_text(self.cells.get(key, ""))[:_EXCERPT]
        self.problems.append(Problem(refusal, self.sheet.place(self.number, self.headers.get(key)), excerpt))

    def text(
        self, key: str, *, limit: int, required: bool = False, multiline: bool = False, indented: bool = False
    ) -> str:
        """Return a cell as a clean text, or an empty one."""
        typed = as_text(self.cells.get(key, ""))
        cleaned = clean(typed, limit=limit, multiline=multiline, indented=indented)
        if isinstance(cleaned, Refusal):
            self.refuse(key, cleaned)
            return ""
        if required and not cleaned:
            self.refuse(key, Refusal("required"))
        return cleaned

    def day(self, key: str) -> date | None:
        """Return a cell as a date, whether the workbook holds it as one or as text."""
        cell = self.cells.get(key, "")
        if isinstance(cell, date):
            found: date | Refusal = cell.date() if isinstance(cell, datetime) else cell
            if isinstance(found, date) and not FIRST_YEAR <= found.year <= LAST_YEAR:
                found = Refusal("not-a-date")
        else:
            typed = as_text(cell).strip()
            if not typed:
                return None
            found = birth_date(typed)
        if isinstance(found, Refusal):
            self.refuse(key, found)
            return None
        return found

    def count(self, key: str, *, most: int) -> int | None:
        """Return a cell as a whole number from 0; thousands may be grouped by a point, a comma or a space."""
        typed = self.text(key, limit=40)
        if not typed:
            return None
        groups = typed.replace(",", ".").replace(" ", ".").split(".")
        grouped = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        digits = "".join(groups)
        if not (digits.isascii() and digits.isdigit()) or not (len(groups) == 1 or grouped):
            self.refuse(key, Refusal("not-a-number"))
            return None
        if int(digits) > most:
            self.refuse(key, Refusal("out-of-range", {"low": 0, "high": most}))
            return None
        return int(digits)
