"""The vocabulary of printed papers."""

from enum import StrEnum


class Piece(StrEnum):
    """What of a set of papers goes into a file: the key is never in that of the papers."""

    PAPERS = "papers"
    SHEET = "sheet"
    KEY = "key"
