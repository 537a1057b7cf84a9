"""Pictures drawn anew: the points and nothing else, no larger than a screen needs."""

from io import BytesIO

from PIL import Image, ImageOps

from contest.formats.drafts import MediaDraft
from contest.formats.media.kinds import KINDS, Harmful
from contest.rules.refusals import Refusal

MOST_BYTES_MB, MOST_PIXELS_M, MOST_SIDE = 10, 25, 10_000
MOST_WRITTEN = 2_000_000
SHOWN_SIDE = 1600  # of the longer side, as it is kept
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_SUFFIXES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_QUALITY = 86
_ORIENTATION, _LYING = 0x0112, range(5, 9)  # of EXIF


def redrawn(data: bytes, side: int = SHOWN_SIDE, most_written: int = MOST_WRITTEN) -> MediaDraft:
    """Return a picture drawn anew, its longer side no more than `side`; raises Harmful.

    Its size is looked at before a single point is.
    """
    if len(data) > MOST_BYTES_MB * 2**20:
        raise Harmful(Refusal("media-bytes", {"limit": MOST_BYTES_MB}))
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            _check_size(opened)
            form = opened.format or ""
            points = _points(opened, side)
    except Image.DecompressionBombError as flood:
        raise _too_many_points() from flood
    except (OSError, ValueError, SyntaxError, EOFError) as damaged:
        raise Harmful(Refusal("media-damaged")) from damaged
    return _written(points, form, most_written)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return the width and height of a picture, upright; None for a damaged one. No point of it is looked at."""
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            lies = opened.getexif().get(_ORIENTATION, 1) in _LYING
            return (opened.height, opened.width) if lies else opened.size
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        return None


def _check_size(picture: Image.Image) -> None:
    if max(picture.size) > MOST_SIDE or picture.width * picture.height > MOST_PIXELS_M * 1_000_000:
        raise _too_many_points()
    if getattr(picture, "n_frames", 1) > 1:
        raise Harmful(Refusal("media-moving"))


def _too_many_points() -> Harmful:
    return Harmful(Refusal("media-pixels", {"side": MOST_SIDE, "limit": MOST_PIXELS_M}))


def _points(opened: Image.Image, side: int) -> Image.Image:
    """Return what is seen: upright, in plain colours, without a word of what the file said beside it."""
    opened.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(opened)
    has_clear = upright.mode in ("LA", "PA", "RGBA") or "transparency" in upright.info
    plain = upright if upright.mode == "L" and not has_clear else upright.convert("RGBA" if has_clear else "RGB")
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())


def _written(points: Image.Image, form: str, most: int) -> MediaDraft:
    """Write points in the form they came in; what is too large as PNG and lets nothing through becomes a JPEG."""
    kept = form if form in _SUFFIXES else "PNG"
    content = _encoded(points, kept)
    if len(content) > most and points.mode != "RGBA":
        kept, content = "JPEG", _encoded(points, "JPEG")
    if len(content) > most:
        raise Harmful(Refusal("media-bytes", {"limit": most // 1_000_000}))
    suffix = _SUFFIXES[kept]
    return MediaDraft(KINDS["picture"][suffix], suffix, points.width, points.height, content)


def _encoded(points: Image.Image, form: str) -> bytes:
    out = BytesIO()
    points.save(out, form, **({"optimize": True} if form == "PNG" else {"quality": _QUALITY}))
    return out.getvalue()
