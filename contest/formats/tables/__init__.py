"""Tables of questions, units, members, entrants and results, as XLSX and CSV."""

from contest.formats.tables.entrants import read_entrants, read_pasted
from contest.formats.tables.extra_times import extra_times_template, read_extra_times
from contest.formats.tables.members import beside_units, read_members, write_members
from contest.formats.tables.questions import (
    heads_questions,
    lost_in_tables,
    read_questions,
    write_questions,
    write_table,
)
from contest.formats.tables.results import ADVANCED, COMPARISON, MARKS, RESULT_COLUMNS, write_results
from contest.formats.tables.spreadsheet import write_sheet
from contest.formats.tables.templates import people_template, questions_template, without_examples
from contest.formats.tables.units import read_units, write_units

__all__ = [
    "ADVANCED",
    "COMPARISON",
    "MARKS",
    "RESULT_COLUMNS",
    "beside_units",
    "extra_times_template",
    "heads_questions",
    "lost_in_tables",
    "people_template",
    "questions_template",
    "read_entrants",
    "read_extra_times",
    "read_members",
    "read_pasted",
    "read_questions",
    "read_units",
    "without_examples",
    "write_members",
    "write_questions",
    "write_results",
    "write_sheet",
    "write_table",
    "write_units",
]
