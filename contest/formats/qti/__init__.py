"""QTI 2.1, 2.2 and 3.0, in which test programs exchange items and packages of them."""

from contest.formats.qti.dialects import DIALECTS
from contest.formats.qti.reader import read_qti
from contest.formats.qti.writer import write_qti, writer

__all__ = ["DIALECTS", "read_qti", "write_qti", "writer"]
