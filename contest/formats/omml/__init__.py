"""Equations of Word (OMML) as LaTeX and back."""

from contest.formats.omml.reading import NotUnderstood, read_omml
from contest.formats.omml.writing import NotWritten, write_omml

__all__ = ["NotUnderstood", "NotWritten", "read_omml", "write_omml"]
