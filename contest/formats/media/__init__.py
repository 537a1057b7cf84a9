"""Pictures and recordings: what is taken, made anew so that only what is seen and heard is left of a file."""

from contest.formats.drafts import MediaDraft, Place, Problem, Reading
from contest.formats.media.kinds import KINDS, Harmful, foreign_kind, kind_of
from contest.rules.refusals import Refusal


def read_media(data: bytes) -> Reading[MediaDraft]:
    """Return the one picture or recording of a file, made anew, or why it is not taken."""
    try:
        kind = kind_of(data)
        if kind is None:
            named = foreign_kind(data)
            raise Harmful(Refusal("media-foreign", {"kind": named}) if named else Refusal("media-kind"))
        if kind in KINDS["audio"]:
            from contest.formats.media import sounds  # either needs a library that the other readers do without

            return Reading((sounds.cleaned(data, kind),), ())
        from contest.formats.media import pictures

        return Reading((pictures.redrawn(data),), ())
    except Harmful as harmful:
        return Reading((), (Problem(harmful.refusal, Place()),))


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return the width and height at which a picture is seen; None for what is no picture that is taken."""
    if kind_of(data) not in KINDS["picture"]:
        return None
    from contest.formats.media import pictures

    return pictures.size_of(data)
