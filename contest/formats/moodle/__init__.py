"""Moodle XML, the format in which Moodle keeps everything it knows of a question."""

from contest.formats.moodle.reader import read_moodle
from contest.formats.moodle.writer import write_moodle

__all__ = ["read_moodle", "write_moodle"]
