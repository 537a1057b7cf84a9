"""The readers by name: what the airlock may be asked to run, and what it says when a reader comes to no end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from contest.formats import aiken, gift, handed, media, moodle, qti, recognition, tables, word
from contest.formats.drafts import (
    EntrantDraft,
    ExtraTimeDraft,
    MediaDraft,
    MemberDraft,
    Place,
    Problem,
    QuestionDraft,
    Reading,
    UnitDraft,
)
from contest.formats.old_codes import TITLES, OldCode, as_letters, old_code_of, refusal_of, to_utf8
from contest.formats.zipsafe import OLD_OFFICE
from contest.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a kind of file into drafts; `is_of_words` where old code pages are looked for and may be converted."""

    read: Callable[..., Reading[Any]]
    draft: type
    is_of_words: bool = False


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "questions": Reader(recognition.read_recognised, QuestionDraft, is_of_words=True),
        "questions-table": Reader(tables.read_questions, QuestionDraft, is_of_words=True),
        "gift": Reader(gift.read_gift, QuestionDraft, is_of_words=True),
        "aiken": Reader(aiken.read_aiken, QuestionDraft, is_of_words=True),
        "moodle": Reader(moodle.read_moodle, QuestionDraft, is_of_words=True),
        "qti": Reader(qti.read_qti, QuestionDraft, is_of_words=True),
        "docx": Reader(word.read_word, QuestionDraft, is_of_words=True),
        "units": Reader(tables.read_units, UnitDraft),
        "entrants": Reader(tables.read_entrants, EntrantDraft),
        "extra-times": Reader(tables.read_extra_times, ExtraTimeDraft),
        "members": Reader(tables.read_members, MemberDraft),
        "media": Reader(media.read_media, MediaDraft),
        "handed": Reader(handed.read_handed, MediaDraft),
    }
)

MOST_BYTES = 30 * 2**20
TOO_LARGE = Refusal("too-large", {"limit": "30 MB"})
UNKNOWN_FORMAT = Refusal("not-a-choice", field="format")
FAILED = Refusal("import-failed")
_EMPTY = Refusal("file-empty")
_NOTHING = b" \t\r\n\xef\xbb\xbf\xff\xfe"  # spaces, and what only says how the letters that follow are written
_OFFICE = (b"PK", OLD_OFFICE)


def read(name: str, data: bytes, convert: str | None = None) -> Reading[Any]:
    """Read a file; with questions in an old code page it is refused with a sample, unless `convert` names that page."""
    reader = READERS[name]
    if not data.strip(_NOTHING):
        return Reading((), (Problem(_EMPTY, Place()),))
    if not reader.is_of_words:
        return reader.read(data)
    code = OldCode(convert) if convert else None
    if data.startswith(_OFFICE):
        found = reader.read(data, code)
    elif code is None and (told := old_code_of(as_letters(data))):
        return Reading((), (Problem(refusal_of(as_letters(data), told), Place()),))
    else:
        found = reader.read(to_utf8(data, code) if code else data)
    if code is None or not found.drafts:
        return found
    noted = Problem(Refusal("old-code-converted", {"code": TITLES[code]}), Place(), "", "warning")
    return Reading(found.drafts, (noted, *found.problems))
