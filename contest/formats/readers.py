"""The readers by name: what the airlock may be asked to run, and what it says when a reader comes to no end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from contest.formats import aiken, gift, media, moodle, recognition, tables, word
from contest.formats.drafts import (
    EntrantDraft,
    ExtraTimeDraft,
    MediaDraft,
    MemberDraft,
    QuestionDraft,
    Reading,
    UnitDraft,
)
from contest.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Reader:
    read: Callable[[bytes], Reading[Any]]
    draft: type


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "questions": Reader(recognition.read_recognised, QuestionDraft),
        "questions-table": Reader(tables.read_questions, QuestionDraft),
        "gift": Reader(gift.read_gift, QuestionDraft),
        "aiken": Reader(aiken.read_aiken, QuestionDraft),
        "moodle": Reader(moodle.read_moodle, QuestionDraft),
        "docx": Reader(word.read_word, QuestionDraft),
        "units": Reader(tables.read_units, UnitDraft),
        "entrants": Reader(tables.read_entrants, EntrantDraft),
        "extra-times": Reader(tables.read_extra_times, ExtraTimeDraft),
        "members": Reader(tables.read_members, MemberDraft),
        "media": Reader(media.read_media, MediaDraft),
    }
)

MOST_BYTES = 30 * 2**20
TOO_LARGE = Refusal("too-large", {"limit": "30 MB"})
UNKNOWN_FORMAT = Refusal("not-a-choice", field="format")
FAILED = Refusal("import-failed")
