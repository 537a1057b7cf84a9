"""The vocabulary of banks: kinds of questions, levels of thinking, and the way of a version into papers."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

COMMENT_LIMIT = 2000  # letters of one comment on a version


class Kind(StrEnum):
    """Kinds of questions."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    STATEMENTS = "statements"
    MATCHING = "matching"
    ORDERING = "ordering"
    NUMERIC = "numeric"
    SHORT_TEXT = "short_text"
    CLOZE = "cloze"
    DROPDOWN = "dropdown"
    HOTSPOT = "hotspot"
    ESSAY = "essay"
    UPLOAD = "upload"
    PASSAGE = "passage"
    DESCRIPTION = "description"


class FileKind(StrEnum):
    """Kinds of files that may be handed in as an answer."""

    PDF = "pdf"
    WORD = "word"
    SLIDES = "slides"
    SHEET = "sheet"
    PICTURE = "picture"


_OFFICE = "application/vnd.openxmlformats-officedocument."
FILE_TYPES: Mapping[FileKind, Mapping[str, str]] = MappingProxyType(  # suffix → media type
    {
        FileKind.PDF: {"pdf": "application/pdf"},
        FileKind.WORD: {"docx": f"{_OFFICE}wordprocessingml.document"},
        FileKind.SLIDES: {"pptx": f"{_OFFICE}presentationml.presentation"},
        FileKind.SHEET: {"xlsx": f"{_OFFICE}spreadsheetml.sheet"},
        FileKind.PICTURE: {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"},
    }
)


class PartKind(StrEnum):
    """What may have to be answered inside a question."""

    STATEMENT = "statement"  # is true or false
    STEM = "stem"  # takes one of the question's options
    CHOICE = "choice"  # takes one of its own options
    TEXT = "text"  # takes a few words
    NUMBER = "number"


class Difficulty(StrEnum):
    """The four levels of thinking that Vietnamese question banks use."""

    RECALL = "recall"
    UNDERSTANDING = "understanding"
    APPLICATION = "application"
    HIGH_APPLICATION = "high_application"


class SourceChange(StrEnum):
    """What became of a legal source that questions rest on."""

    AMENDED = "amended"
    REPEALED = "repealed"
    IN_FORCE = "in_force"


class VersionState(StrEnum):
    """Where a version of a question stands on its way into papers."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"
