"""Templates: they parse, run no inline script or style, link to routes that exist, and none is left over."""

import re
from pathlib import Path

import pytest
from flask import Flask

from contest.config import ROOT

FOLDER = ROOT / "templates"
TEMPLATES = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*.html"))
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline style": re.compile(r"<style|\sstyle=", re.IGNORECASE),
    "inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "unescaped": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "other host": re.compile(r"(?:src|href)=[\"']https?://", re.IGNORECASE),
}


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_parses(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_nothing_inline_and_nothing_unescaped(kind: str) -> None:
    assert [name for name in TEMPLATES if FORBIDDEN[kind].search(source(name))] == []


@pytest.mark.parametrize(
    ("kind", "caught"),
    [
        ("inline script", "<script>alert(1)</script>"),
        ("inline style", '<p style="color: red">'),
        ("inline handler", '<p onclick="x()">'),
        ("unescaped", "{{ name|safe }}"),
        ("other host", '<img src="https://example.org/x.png">'),
    ],
)
def test_the_net_catches(kind: str, caught: str) -> None:
    assert FORBIDDEN[kind].search(caught)


def test_every_link_leads_to_a_route(app: Flask) -> None:
    named = {
        (name, endpoint) for name in TEMPLATES for endpoint in re.findall(r'url_for\(\s*"([a-z_.]+)"', source(name))
    }
    assert len(named) > 50
    assert {(name, e) for name, e in named if e not in app.view_functions} == set()


def test_no_template_is_left_over() -> None:
    python = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "contest").rglob("*.py"))
    everything = python + "\n".join(source(name) for name in TEMPLATES)
    assert [name for name in TEMPLATES if f'"{name}"' not in everything] == []


def test_every_behaviour_named_exists_and_is_used() -> None:
    pages = "\n".join(source(name) for name in TEMPLATES)
    named = {word for value in re.findall(r'data-behaviour[":= ]+"([a-z -]+)"', pages) for word in value.split()}
    there = {p.stem for p in Path(ROOT / "static/js/behaviours").glob("*.js")}
    assert named - there == set()
    assert {name for name in there if not re.search(rf"(?<![\w-]){name}(?![\w-])", pages)} == set()
