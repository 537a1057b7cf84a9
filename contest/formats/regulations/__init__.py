"""Regulations of a contest as a file of settings (TOML): read with every problem named by its line or key, and written."""

from contest.formats.regulations.reading import Broken, read
from contest.formats.regulations.writing import write

__all__ = ["Broken", "read", "write"]
