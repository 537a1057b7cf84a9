"""Papers to be printed, as PDF and Word: the questions of each version, an answer sheet, and the key apart."""

from contest.formats.printing.booklet import (
    Booklet,
    Fonts,
    Paper,
    PrintedOption,
    PrintedPart,
    PrintedPassage,
    PrintedQuestion,
    Words,
)
from contest.rules.printing_terms import Piece

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


def write_pdf(booklet: Booklet, piece: Piece, fonts: Fonts) -> bytes:
    """Return a piece of a booklet as PDF."""
    from contest.formats.printing import pages  # here, for it costs every process 27 MB that only this needs

    return pages.write(booklet, piece, fonts)


def write_docx(booklet: Booklet, piece: Piece) -> bytes:
    """Return a piece of a booklet as .docx."""
    from contest.formats.printing import document  # here, for it costs every process 16 MB that only this needs

    return document.write(booklet, piece)
