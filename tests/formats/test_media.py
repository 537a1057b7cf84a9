"""Pictures and recordings: made anew without a word beside them, and hostile ones refused before they cost anything."""

import struct
import wave
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from contest.errors import Refused
from contest.formats.media import read_media
from contest.gateways import airlock

CANARY = b"dap_an_B_canary"


def picture(form, mode="RGB", size=(40, 30), **more):
    out = BytesIO()
    Image.new(mode, size, 128).save(out, form, **more)
    return out.getvalue()


def told(kind):
    """A picture of each kind with words in every place that its files have for them."""
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif[0x0112] = 6  # lies on its side
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", CANARY.decode())
    more = {
        "PNG": {"pnginfo": words, "exif": exif},
        "JPEG": {"exif": exif, "comment": CANARY, "icc_profile": CANARY * 10},
        "WEBP": {"exif": exif.tobytes(), "xmp": CANARY},
        "GIF": {"comment": CANARY},
    }[kind]
    return picture(kind, "P" if kind == "GIF" else "RGB", **more)


def a_wave(seconds=1, extra=b"", rate=8000):
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(b"\0\1" * rate * seconds)
    data = out.getvalue() + extra
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def mp3(tags=b""):
    frame = b"\xff\xfb\x90\x00" + b"\0" * 413
    return tags + frame * 40


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_picture_keeps_its_points_and_nothing_else(kind):
    data = told(kind)
    assert CANARY in data
    (draft,) = read_media(data).drafts
    with Image.open(BytesIO(draft.content)) as drawn:
        assert drawn.format == {"GIF": "PNG"}.get(kind, kind)
        assert drawn.size == (draft.width, draft.height) == ((40, 30) if kind == "GIF" else (30, 40))
        assert not drawn.getexif()
    assert CANARY not in draft.content
    assert draft.media_type == f"image/{draft.suffix.replace('jpg', 'jpeg')}"


def test_picture_is_made_no_larger_than_a_screen():
    (draft,) = read_media(picture("PNG", size=(4000, 1000))).drafts
    assert (draft.width, draft.height) == (1600, 400)


def test_clear_picture_stays_clear():
    (draft,) = read_media(picture("PNG", "RGBA")).drafts
    with Image.open(BytesIO(draft.content)) as drawn:
        assert drawn.mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_every_mode_is_drawn(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert read_media(picture(form, mode)).problems == ()


def test_what_follows_a_picture_is_left_behind():
    (draft,) = read_media(picture("PNG") + b"<script>" + CANARY).drafts
    assert CANARY not in draft.content


def bomb(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 60_000)) + chunk(b"IEND", b"")


def moving():
    out = BytesIO()
    frames = [Image.new("RGB", (4, 4), (80 * n, 0, 0)) for n in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


HOSTILE = {
    "pixel flood": (bomb(50_000, 50_000), "media-pixels"),
    "one long line": (bomb(1_000_000, 1), "media-pixels"),
    "cut short": (picture("PNG", size=(300, 300))[:90], "media-damaged"),
    "head alone": (b"\x89PNG\r\n\x1a\n", "media-damaged"),
    "jpeg of nothing": (b"\xff\xd8\xff\xe0" + b"\0" * 100, "media-damaged"),
    "moves": (moving(), "media-moving"),
    "too many bytes": (b"\x89PNG\r\n\x1a\n" + b"\0" * (11 * 2**20), "media-bytes"),
    "script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "media-foreign"),
    "declared script": (b'<?xml version="1.0"?><!-- x --><SVG onload="alert(1)"/>', "media-foreign"),
    "page": (b"<!doctype html><script>alert(1)</script>", "media-kind"),
    "wmf": (b"\xd7\xcd\xc6\x9a" + b"\0" * 50, "media-foreign"),
    "emf": (b"\x01\x00\x00\x00" + b"\0" * 36 + b" EMF" + b"\0" * 50, "media-foreign"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 50, "media-foreign"),
    "tiff": (b"II*\x00" + b"\0" * 50, "media-foreign"),
    "empty": (b"", "media-kind"),
    "film": (b"\0\0\0\x18ftypmp42" + b"\0" * 50, "media-damaged"),
    "mp3 of nothing": (b"ID3" + b"\xff" * 100, "media-damaged"),
    "ogg of nothing": (b"OggS" + b"\xff" * 100, "media-damaged"),
    "wave of nothing": (b"RIFF\xff\xff\xff\xffWAVE" + b"\0" * 50, "media-damaged"),
    "large wave": (a_wave(901), "media-bytes"),
    "long wave": (a_wave(901, rate=100), "media-minutes"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_by_name(name):
    data, slug = HOSTILE[name]
    reading = read_media(data)
    assert (reading.drafts, [p.refusal.slug for p in reading.problems]) == ((), [slug])


def test_recordings_lose_their_words():
    info = b"LIST" + struct.pack("<I", 4 + 8 + 16) + b"INFOINAM" + struct.pack("<I", 16) + CANARY + b"\0"
    (draft,) = read_media(a_wave(extra=info)).drafts
    assert (draft.media_type, CANARY in draft.content) == ("audio/wav", False)
    title = b"TIT2" + struct.pack(">I", len(CANARY) + 1) + b"\0\0\0" + CANARY
    tags = b"ID3\x03\x00\x00" + struct.pack(">I", len(title)) + title
    assert read_media(mp3(tags) + b"TAG" + CANARY.ljust(125, b"\0")).drafts[0].content == mp3()


def test_airlock_lets_pictures_through_and_nothing_hostile():
    assert airlock.read("media", picture("PNG")).drafts[0].width == 40
    assert airlock.read("media", a_wave()).drafts[0].suffix == "wav"
    assert airlock.read("media", mp3()).drafts[0].suffix == "mp3"
    assert airlock.read("media", HOSTILE["pixel flood"][0]).drafts == ()
    with pytest.raises(Refused):
        airlock.read("media", b"\0" * (31 * 2**20))
