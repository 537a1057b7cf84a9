"""The ready regulations of real contests, from a folder of settings files, the newest first."""

from functools import cache
from pathlib import Path

from contest.errors import NotFound
from contest.formats import regulations as files
from contest.formats.regulations.terms import Regulations


@cache
def list_ready(folder: Path) -> tuple[Regulations, ...]:
    """Return every ready file of a folder; they come with the program and do not change while it runs."""
    found = [files.read(path.read_bytes()) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda r: r.first_opening, reverse=True))


def get_ready(folder: Path, name: str) -> Regulations:
    """Return the ready file of a name; raises NotFound."""
    found = next((r for r in list_ready(folder) if r.slug == name), None)
    if found is None:
        raise NotFound
    return found
