"""Recordings without the words that files say about themselves: names, places, covers."""

import wave
from io import BytesIO
from typing import Any

import mutagen
from mutagen import apev2, id3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from contest.formats.drafts import MediaDraft
from contest.formats.media.kinds import KINDS, Harmful
from contest.rules.refusals import Refusal

MOST_BYTES_MB, MOST_MINUTES = 10, 15
_READERS = {"mp3": (MP3,), "m4a": (MP4,), "ogg": (OggVorbis, OggOpus)}
_SPOKEN = ("mp4a", "alac")  # what an .m4a may hold; a film is none


def cleaned(data: bytes, kind: str) -> MediaDraft:
    """Return a recording without its tags; raises Harmful."""
    if len(data) > MOST_BYTES_MB * 2**20:
        raise Harmful(Refusal("media-bytes", {"limit": MOST_BYTES_MB}))
    try:
        content, seconds = _waves(data) if kind == "wav" else _untagged(data, kind)
    except (mutagen.MutagenError, wave.Error, EOFError, ValueError, KeyError, IndexError, OverflowError) as damaged:
        raise Harmful(Refusal("media-damaged")) from damaged
    if seconds > MOST_MINUTES * 60:
        raise Harmful(Refusal("media-minutes", {"limit": MOST_MINUTES}))
    return MediaDraft(KINDS["audio"][kind], kind, 0, 0, content)


def _waves(data: bytes) -> tuple[bytes, float]:
    """Return the samples under a new head, without whatever else the file held."""
    out = BytesIO()
    with wave.open(BytesIO(data)) as old, wave.open(out, "wb") as new:
        if not old.getnframes():
            raise ValueError
        new.setparams(old.getparams())
        new.writeframes(old.readframes(old.getnframes()))
        return out.getvalue(), old.getnframes() / old.getframerate()


def _untagged(data: bytes, kind: str) -> tuple[bytes, float]:
    file = BytesIO(data)
    recording: Any = _opened(file, kind)
    seconds: float = recording.info.length
    if kind == "m4a" and not str(recording.info.codec).startswith(_SPOKEN):
        raise ValueError
    if not seconds > 0:
        raise ValueError
    file.seek(0)
    if kind == "mp3":
        for tags in (id3, apev2):
            tags.delete(file)
            file.seek(0)
    elif recording.tags is not None:
        recording.delete(file)
    return file.getvalue(), seconds


def _opened(file: BytesIO, kind: str) -> Any:
    for reader in _READERS[kind]:
        try:
            return reader(file)  # type: ignore[no-untyped-call]
        except mutagen.MutagenError:
            file.seek(0)
    raise ValueError
