"""The style sheets, behaviours and templates of the design system hold what they promise each other."""

import re
from pathlib import Path

from tests.conftest import AXE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))


def blocks(text: str, selector: str) -> list[dict[str, str]]:
    """Return the declarations of every block of a selector."""
    found = re.findall(re.escape(selector) + r"\s*\{([^{}]*)\}", text)
    return [dict(re.findall(r"([\w-]+):\s*([^;]+);", body)) for body in found]


def test_dark_tokens_are_said_twice_alike():
    text = (ROOT / "static/css/tokens.css").read_text()
    by_device = blocks(text, ':root:not([data-theme="light"])')
    by_choice = blocks(text, ':root[data-theme="dark"]')
    assert len(by_device) == 1
    assert by_device == by_choice


def test_every_colour_of_the_light_theme_has_a_dark_one():
    text = (ROOT / "static/css/tokens.css").read_text()
    light = {name for block in blocks(text, ":root") for name, value in block.items() if re.match(r"#|rgb", value)}
    dark = {name for name, value in blocks(text, ':root[data-theme="dark"]')[0].items() if re.match(r"#|rgb", value)}
    assert light - dark == {"--on-fill"}  # white on the filled button in both


def test_every_behaviour_named_in_a_template_has_its_module():
    named = {name for t in TEMPLATES for value in re.findall(r'data-behaviour="([a-z\- ]+)"', t.read_text())
             for name in value.split()}  # fmt: skip
    modules = {path.stem for path in (ROOT / "static/js/behaviours").glob("*.js")}
    assert named - modules == set()


def test_no_template_styles_or_scripts_inline():
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:")
    assert [str(t) for t in TEMPLATES if inline.search(t.read_text())] == []


def test_every_style_sheet_lies_in_a_layer():
    outside = [
        str(p) for p in SHEETS if not re.match(r"@layer (reset|tokens|base|components|utilities)\b", p.read_text())
    ]
    assert outside == []


def test_checker_of_accessibility_is_there():
    assert "axe v" in AXE.read_text()[:200]
