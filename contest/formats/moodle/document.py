"""Bytes to the elements of a quiz: nothing is declared, expanded or fetched, and only so much is taken at all."""

from lxml import etree

from contest.formats.drafts import Place, Problem
from contest.formats.encoding import decode
from contest.formats.taking import EXCERPT
from contest.formats.xmlsafe import Watch
from contest.formats.xmltree import parser
from contest.rules.refusals import Refusal

MOST_TAGS = 1_000_000  # in a file of 30 MB; what they take in memory stays within what a reader has


def read_quiz(data: bytes) -> etree._Element | Problem:
    """Return the root of a quiz in UTF-8, or why the file is refused as a whole."""
    text = decode(data)
    if isinstance(text, Problem):
        return text
    if Watch().sees_danger(data):
        return Problem(Refusal("xml-unsafe"), Place())
    if data.count(b"<") > MOST_TAGS:
        return Problem(Refusal("xml-too-large"), Place())
    try:
        root = etree.fromstring(text.encode(), parser("utf-8"))
    except etree.XMLSyntaxError as wrong:
        return Problem(Refusal("xml-broken"), Place(line=wrong.lineno or 1), str(wrong.msg)[:EXCERPT])
    if root.tag != "quiz":
        return Problem(Refusal("moodle-no-quiz"), Place(line=root.sourceline), str(root.tag)[:EXCERPT])
    return root
