"""Turn the packages of node_modules into static/vendor: subset fonts, one sprite of icons, the hashes of all files.

Run after `npm ci`: `.venv/bin/python deploy/vendor.py`. The same packages give the same bytes.
"""

import hashlib
import json
import shutil
import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

FONT = "@expo-google-fonts/be-vietnam-pro"
ICONS = "lucide-static"
CHECKER = "axe-core"
PLAYER = {"qti3-item-player": "qti3Player.umd.min.js", "vue": "vue.min.js"}
WEIGHTS = {
    "400": "400Regular/BeVietnamPro_400Regular.ttf",
    "600": "600SemiBold/BeVietnamPro_600SemiBold.ttf",
    "700": "700Bold/BeVietnamPro_700Bold.ttf",
}

# Latin and Vietnamese lie in one file: a split would break the kerning inside words.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x102, 0x103),
    (0x110, 0x111),
    (0x128, 0x129),
    (0x168, 0x169),
    (0x1A0, 0x1A1),
    (0x1AF, 0x1B0),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2190, 0x2193),
)
SINGLE = (0x300, 0x301, 0x303, 0x309, 0x323, 0x2022, 0x2026, 0x202F, 0x20AB, 0x2212, 0x2260, 0x2264, 0x2265)
DIGITS = range(0x30, 0x3A)
DIGIT_ADVANCE = 640

SPRITE = """
activity archive archive-restore arrow-down arrow-left arrow-right arrow-up award badge-check ban bell book-open braces
building-2 calendar-check calendar-clock calendar-plus calendar-x chart-column check check-check chevron-down
chevron-left chevron-right chevron-up chevrons-up-down circle circle-alert circle-check circle-question-mark
circle-user-round circle-x clipboard-check clock clock-alert cloud-off columns-3 copy dices download ellipsis
external-link eye eye-off file-spreadsheet file-text file-up flag folder funnel gavel globe grip-vertical history house
image inbox info key-round layers layout-grid library link list-checks list-ordered lock lock-open log-in log-out mail
medal megaphone menu message-square-text message-square-warning mic minus monitor moon paperclip pencil phone play plus
printer qr-code refresh-cw repeat rotate-cw save scale scroll-text search search-x send settings settings-2 shield-check
sliders-horizontal sun tag target timer trash-2 triangle-alert trophy undo-2 upload user-plus user-round
user-round-search user-round-x users-round wifi-off x
""".split()


def characters() -> list[int]:
    """List the code points the text fonts carry."""
    return [code for first, last in RANGES for code in range(first, last + 1)] + list(SINGLE)


def subset(source: bytes, codes: list[int], features: list[str]) -> TTFont:
    """Return the font reduced to some code points, its hints dropped."""
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = TTFont(BytesIO(source), recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    return font


def as_woff2(font: TTFont) -> bytes:
    """Serialise a font as WOFF2."""
    out = BytesIO()
    font.flavor = "woff2"
    font.save(out)
    return out.getvalue()


def text_font(source: bytes) -> bytes:
    """Return Latin and Vietnamese with kerning and marks."""
    return as_woff2(subset(source, characters(), ["kern", "mark", "mkmk", "ccmp", "locl", "liga"]))


def digits_font(source: bytes) -> bytes:
    """Return the ten digits, every advance alike and every glyph centred; the family has no tabular figures."""
    font = subset(source, list(DIGITS), [])
    metrics, glyphs = font["hmtx"].metrics, font["glyf"]
    for code in DIGITS:
        name = font.getBestCmap()[code]
        glyph = glyphs[name]
        left = round((DIGIT_ADVANCE - (glyph.xMax - glyph.xMin)) / 2)
        glyph.coordinates.translate((left - glyph.xMin, 0))
        glyph.recalcBounds(glyphs)
        metrics[name] = (DIGIT_ADVANCE, left)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = "HoiThiDigits" if record.nameID == 6 else "Hoi Thi Digits"
    return as_woff2(font)


def sprite() -> bytes:
    """Return one SVG with a symbol for each icon; colour and weight of the stroke come from the page."""
    namespace = "http://www.w3.org/2000/svg"
    ET.register_namespace("", namespace)
    root = ET.Element(f"{{{namespace}}}svg")
    for name in sorted(SPRITE):
        drawing = ET.parse(MODULES / ICONS / "icons" / f"{name}.svg").getroot()  # noqa: S314 - from the locked package
        symbol = ET.SubElement(
            root,
            f"{{{namespace}}}symbol",
            {
                "id": name,
                "viewBox": "0 0 24 24",
                "fill": "none",
                "stroke": "currentColor",
                "stroke-linecap": "round",
                "stroke-linejoin": "round",
            },
        )
        for shape in drawing:
            shape.tail = None
            symbol.append(shape)
    written: bytes = ET.tostring(root, encoding="utf-8")
    return written + b"\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def package(name: str) -> dict[str, str]:
    """Return the description of an installed package, held against the version package.json asks for."""
    asked = json.loads((ROOT / "package.json").read_text())
    wanted = {**asked["dependencies"], **asked["devDependencies"]}[name]
    found: dict[str, str] = json.loads((MODULES / name / "package.json").read_text())
    if found["version"] != wanted:
        raise SystemExit(f"{name}: {found['version']} is installed, package.json asks for {wanted}; run npm ci")
    return found


def record(name: str, licence: str, inputs: list[Path], outputs: dict[Path, bytes]) -> dict[str, object]:
    """Write the outputs and return their entry in VENDOR.json."""
    for path, data in outputs.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {
        "package": name,
        "version": package(name)["version"],
        "licence": licence,
        "inputs": {str(path.relative_to(MODULES)): sha256(path.read_bytes()) for path in inputs},
        "outputs": {str(path.relative_to(ROOT)): sha256(data) for path, data in outputs.items()},
    }


def vendor_fonts() -> dict[str, object]:
    """Write the three weights and their digits."""
    folder = VENDOR / "be-vietnam-pro" / package(FONT)["version"]
    sources = {weight: MODULES / FONT / path for weight, path in WEIGHTS.items()}
    licence = MODULES / FONT / "LICENSE_FONT"
    outputs = {folder / "OFL.txt": licence.read_bytes()}
    for weight, path in sources.items():
        outputs[folder / f"be-vietnam-pro-{weight}.woff2"] = text_font(path.read_bytes())
        outputs[folder / f"hoi-thi-digits-{weight}.woff2"] = digits_font(path.read_bytes())
    return record(FONT, "OFL-1.1", [*sources.values(), licence], outputs)


def vendor_icons() -> dict[str, object]:
    """Write the sprite."""
    folder = VENDOR / "lucide" / package(ICONS)["version"]
    licence = MODULES / ICONS / "LICENSE"
    inputs = [MODULES / ICONS / "icons" / f"{name}.svg" for name in sorted(SPRITE)]
    outputs = {folder / "LICENSE.txt": licence.read_bytes(), folder / "sprite.svg": sprite()}
    return record(ICONS, "ISC", [*inputs, licence], outputs)


def vendor_checker() -> dict[str, object]:
    """Copy axe-core beside the tests; the product does not carry it."""
    source = MODULES / CHECKER / "axe.min.js"
    return record(CHECKER, "MPL-2.0", [source], {ROOT / "tests" / "vendor" / "axe.min.js": source.read_bytes()})


def vendor_player(name: str, file: str) -> dict[str, object]:
    """Copy a part of the player that plays what goes out as QTI 3 beside the tests, with its licence."""
    source, licence = MODULES / name / "dist" / file, MODULES / name / "LICENSE"
    folder = ROOT / "tests" / "vendor"
    outputs = {folder / file: source.read_bytes(), folder / f"{name}.LICENSE.txt": licence.read_bytes()}
    return record(name, "MIT", [source, licence], outputs)


def main() -> None:
    """Rebuild static/vendor from nothing."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    entries = [vendor_fonts(), vendor_icons(), vendor_checker()]
    entries += [vendor_player(name, file) for name, file in PLAYER.items()]
    (VENDOR / "VENDOR.json").write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
