"""Files that contestants hand in: told by their content, made anew without the names of people beside it, never run."""

from contest.formats.drafts import MediaDraft, Place, Problem, Reading
from contest.formats.media.kinds import KINDS, Harmful, foreign_kind, kind_of
from contest.formats.zipsafe import OLD_OFFICE
from contest.rules.refusals import Refusal

MOST_MB = 10
_BEFORE = b"\r\n\t \0\xef\xbb\xbf"  # what some programs leave before the head of a PDF
SHOWN_SIDE, MOST_WRITTEN = 2400, 4_000_000  # a photographed page of handwriting must stay legible


def read_handed(data: bytes) -> Reading[MediaDraft]:
    """Return the one file that was handed in, made anew: `pdf`, `docx`, `xlsx`, `pptx`, `jpg`, `png` or `webp`.

    What a marker could be told about its author by the file beside the work itself is left out; anything that could run
    is refused.
    """
    try:
        return Reading((_made(data),), ())
    except Harmful as harmful:
        return Reading((), (Problem(harmful.refusal, Place()),))


def _made(data: bytes) -> MediaDraft:
    if not data:
        raise Harmful(Refusal("file-empty"))
    if len(data) > MOST_MB * 2**20:
        raise Harmful(Refusal("file-too-large", {"limit": MOST_MB}))
    if data[:64].lstrip(_BEFORE).startswith(b"%PDF-"):
        from contest.formats.handed import pdfs  # each needs a library that the other readers do without

        return pdfs.made_anew(data)
    if data.startswith(b"PK"):
        from contest.formats.handed import office

        return office.made_anew(data)
    if data.startswith(OLD_OFFICE):
        raise Harmful(Refusal("file-old-office"))
    if kind_of(data) in KINDS["picture"]:
        from contest.formats.media import pictures

        return pictures.redrawn(data, SHOWN_SIDE, MOST_WRITTEN)
    named = foreign_kind(data)
    raise Harmful(Refusal("file-foreign", {"kind": named}) if named else Refusal("file-kind"))
