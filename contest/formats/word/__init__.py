"""Word question lists (.docx), the way organisers write them."""

from collections.abc import Iterable

from contest.formats.drafts import Problem, QuestionDraft
from contest.formats.word.kinds import CARRIED
from contest.formats.word.reader import read_word

__all__ = ["CARRIED", "read_word", "write_word"]


def write_word(drafts: Iterable[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
    """Return the questions as .docx, those of a topic together, and one warning for each thing it could not carry."""
    from contest.formats.word import writer  # here, for it costs every process 16 MB that only an export needs

    return writer.write(drafts)
