"""Papers to be printed, as PDF and Word: the questions of each version, an answer sheet, and the key apart."""

from contest.formats.printing.booklet import (
    Booklet,
    Paper,
    PrintedOption,
    PrintedPart,
    PrintedPassage,
    PrintedQuestion,
    Words,
)
from contest.formats.printing.document import write_docx
from contest.formats.printing.pages import Fonts, write_pdf

__all__ = [
    "Booklet",
    "Fonts",
    "Paper",
    "PrintedOption",
    "PrintedPart",
    "PrintedPassage",
    "PrintedQuestion",
    "Words",
    "write_docx",
    "write_pdf",
]
