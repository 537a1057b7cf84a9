"""Texts of questions as pages show them."""

from markupsafe import Markup

from contest.formats.rich.markdown import read
from contest.formats.rich.screen import on_screen as written


def on_screen(text: str, *, rich: bool) -> str:
    """Return a text for a page: a rich one as HTML that needs no escaping, a plain one as it is."""
    return Markup(written(read(text))) if rich else text  # noqa: S704  (built from a tree and cleaned there)
