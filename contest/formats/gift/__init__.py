"""GIFT, the text format of question lists that Moodle made common."""

from contest.formats.gift.parts import IN_PARTS
from contest.formats.gift.reader import read_gift
from contest.formats.gift.writer import write_gift

__all__ = ["IN_PARTS", "read_gift", "write_gift"]
