"""Word question lists (.docx), the way organisers write them."""

from contest.formats.word.reader import read_word
from contest.formats.word.writer import write_word

__all__ = ["read_word", "write_word"]
