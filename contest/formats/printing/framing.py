"""Pictures on which areas are framed, each with its letter."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from contest.rules.questions.hotspot import Area

_LINE, _LETTER = 200, 24  # into which the longer side goes by the width of a line, and by the height of a letter


def framed(content: bytes, areas: Sequence[tuple[str, Area]]) -> bytes:
    """Return a picture as PNG with its areas framed; they are told in percent of it."""
    with Image.open(BytesIO(content)) as opened:
        image = opened.convert("RGB")
    draw = ImageDraw.Draw(image)
    longer = max(image.size)
    line, font = max(1, longer // _LINE), ImageFont.load_default(size=max(10, longer // _LETTER))
    for letter, area in areas:
        left, top = (float(at) * side / 100 for at, side in zip((area.left, area.top), image.size, strict=True))
        right, bottom = left + float(area.width) * image.width / 100, top + float(area.height) * image.height / 100
        draw.rectangle((left, top, right, bottom), outline="black", width=line)
        draw.text(
            (left + 2 * line, top + line), letter, fill="black", stroke_width=line, stroke_fill="white", font=font
        )
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
