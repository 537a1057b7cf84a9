"""Which format of questions a file is in, told by its bytes alone: a name may lie, and a .txt may be GIFT or Aiken."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from contest.formats import aiken, gift, moodle, qti, tables, word
from contest.formats.drafts import Problem, QuestionDraft, Reading
from contest.formats.encoding import decode
from contest.formats.old_codes import OldCode
from contest.formats.taking import refused
from contest.formats.zipsafe import OLD_OFFICE
from contest.rules.refusals import Refusal

_OFFICE = (b"PK\3\4", b"PK\5\6", OLD_OFFICE)  # the last are the old ones, which the reader names
_WORD, _OLD_WORD = b"word/document", "WordDocument".encode("utf-16-le")
_WORKBOOK = b"xl/workbook"
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s]*<(?:\?xml|quiz\b|!--|!DOCTYPE)", re.IGNORECASE)
_QTI_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:qti-)?assessment-?(?:[iI]tem|[sS]timulus)[\s>]")
_QTI_PACKAGE, _XML_PART = b"imsmanifest.xml", b".xml"
_OFFICE_PARTS = re.compile(rb"\[Content_Types\]\.xml|(?:word|xl|ppt)/")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 1_000
_ANSWER = re.compile(r"^[ \t]*ANSWER:", re.MULTILINE)
_TWO_OPTIONS = re.compile(r"^[ \t]*A[).].*\s+B[).]", re.MULTILINE)
_GIFT_ANSWERS = re.compile(r"\{[^{}]*[=~]|\{\s*(?:T|F|TRUE|FALSE)?\s*[#}]")
_GIFT_LINE = re.compile(r"^[ \t]*(?:\$CATEGORY:|::|//[^\n]*\[(?:id|tag):)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Content:
    """A file to be recognised: its bytes, and what they say where they are text."""

    data: bytes
    text: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of question files: how it is told, and what reads it."""

    is_it: Callable[[Content], bool]
    read: Callable[..., Reading[QuestionDraft]]


def _is_word(content: Content) -> bool:
    """Tell a document by its parts; what is embedded in it, or it in a workbook, comes after the parts of the whole."""
    if not content.data.startswith(_OFFICE):
        return False
    document, workbook = content.data.find(_WORD), content.data.find(_WORKBOOK)
    return _OLD_WORD in content.data or (document >= 0 and not 0 <= workbook < document)


def _is_office(content: Content) -> bool:
    return content.data.startswith(_OFFICE)


def _is_qti(content: Content) -> bool:
    """Tell an item by its root, a package by its manifest, or as an archive of XML that no office program made."""
    if not content.data.startswith(b"PK"):
        return _QTI_ITEM.search(content.data[: _LOOKED_AT * 4].replace(b"\0", b"")) is not None
    manifest, office = content.data.find(_QTI_PACKAGE), _OFFICE_PARTS.search(content.data)
    if office is None:
        return _XML_PART in content.data
    return 0 <= manifest < office.start()


def _is_xml(content: Content) -> bool:
    return _XML.match(content.data[:_LOOKED_AT].replace(b"\0", b"")) is not None


def _is_aiken(content: Content) -> bool:
    if _ANSWER.search(content.text):
        return True
    return "{" not in content.text and _TWO_OPTIONS.search(content.text) is not None


def _is_table(content: Content) -> bool:
    return tables.heads_questions(content.text)


def _is_gift(content: Content) -> bool:
    return any(pattern.search(content.text) for pattern in (_GIFT_ANSWERS, _GIFT_LINE))


# The first that knows the file reads it, so what is told by a signature stands before what is told by its words.
FORMATS: tuple[Format, ...] = (
    Format(_is_word, word.read_word),
    Format(_is_qti, qti.read_qti),
    Format(_is_office, tables.read_questions),
    Format(_is_xml, moodle.read_moodle),
    Format(_is_table, tables.read_questions),
    Format(_is_aiken, aiken.read_aiken),
    Format(_is_gift, gift.read_gift),
)


def read_recognised(data: bytes, convert: OldCode | None = None) -> Reading[QuestionDraft]:
    """Read questions in whichever format they are; a file in none is refused as a whole, naming what is taken.

    `convert` is the code page of an office file's letters; a text comes converted.
    """
    text = decode(data, utf16=True)
    content = Content(data, "" if isinstance(text, Problem) else text)
    for known in FORMATS:
        if known.is_it(content):
            return known.read(data, convert) if convert else known.read(data)
    if isinstance(text, Problem) and not _BINARY.search(data[:_LOOKED_AT]):
        return Reading((), (text,))  # text in an encoding of its own, which can be saved anew
    return refused(Refusal("no-known-format"))
