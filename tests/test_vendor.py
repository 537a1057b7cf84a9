"""What static/vendor holds is what was recorded, and serves the texts and templates that lean on it."""

import hashlib
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
ENTRIES = json.loads((VENDOR / "VENDOR.json").read_text())
FONTS = next(VENDOR.glob("be-vietnam-pro/*"))
SPRITE = next(VENDOR.glob("lucide/*/sprite.svg"))
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
DRAWN = re.compile(r'\b(?:(?:icon|draw|fact|state_page)\(|(?:icon|after)=)"([a-z0-9-]+)"')


def test_recorded_hashes_are_those_of_the_files():
    recorded = {path: digest for entry in ENTRIES for path, digest in entry["outputs"].items()}
    found = {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in recorded}
    assert found == recorded


def test_no_file_lies_beside_the_recorded_ones():
    recorded = {ROOT / path for entry in ENTRIES for path in entry["outputs"]}
    inside = {path for path in recorded if path.is_relative_to(VENDOR)}
    assert {path for path in VENDOR.rglob("*") if path.is_file()} == inside | {VENDOR / "VENDOR.json"}


def test_recorded_versions_are_those_asked_for():
    package = json.loads((ROOT / "package.json").read_text())
    assert {e["package"]: e["version"] for e in ENTRIES} == {**package["dependencies"], **package["devDependencies"]}


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_text_font_carries_every_vietnamese_letter(weight: int):
    letters = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES} | {"đ"}
    wanted = {ord(letter) for small in letters for letter in (small, small.upper())} | set(range(0x20, 0x7F))
    carried = TTFont(FONTS / f"be-vietnam-pro-{weight}.woff2").getBestCmap()
    assert wanted - carried.keys() == set()


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_digits_are_all_of_one_width_and_centred(weight: int):
    font = TTFont(FONTS / f"hoi-thi-digits-{weight}.woff2")
    names, glyphs = font.getBestCmap(), font["glyf"]
    assert sorted(names) == list(range(0x30, 0x3A))
    for name in names.values():
        advance, left = font["hmtx"][name]
        assert advance == 640
        assert left == glyphs[name].xMin
        assert abs((advance - glyphs[name].xMax) - left) <= 1


def test_every_icon_that_is_drawn_lies_in_the_sprite():
    symbols = {symbol.get("id") for symbol in ET.parse(SPRITE).getroot()}
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    drawn = {name for path in sources for name in DRAWN.findall(path.read_text())}
    assert len(drawn) > 40
    assert drawn - symbols == set()


@pytest.mark.parametrize("path", ["static/css/tokens.css", "templates/_head.html", "templates/ui/icon.html"])
def test_paths_with_a_version_lead_to_a_file(path: str):
    text = (ROOT / path).read_text()
    base = re.search(r'fonts = "(/static/vendor/[^"]+)"', text)
    found = re.findall(r"(/static/vendor/[^\"'#)]+\.(?:woff2|svg))", text)
    found += [f"{base[1]}/{name}" for name in re.findall(r"\{\{ fonts \}\}/([\w.-]+)", text)] if base else []
    assert found
    assert [name for name in found if not (ROOT / name.lstrip("/")).is_file()] == []
