"""Markdown of organisers as HTML for readers: no raw HTML in, and cleaned against an allow list on the way out."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "hr", "table", "thead", "tbody",
         "tr", "th", "td", "code"}  # fmt: skip
_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


@lru_cache(maxsize=64)  # the same text for every visitor; the result depends on nothing else
def regulations(text: str) -> Markup:
    """Return regulations written in Markdown as HTML; headings begin below the page's own."""
    html = _reader.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(cleaned)  # noqa: S704 (cleaned in the line above)
