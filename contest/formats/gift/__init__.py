"""GIFT, the text format of question lists that Moodle made common."""

from contest.formats.gift.reader import read_gift
from contest.formats.gift.writer import write_gift

__all__ = ["read_gift", "write_gift"]
