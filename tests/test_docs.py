"""The documents say what is so: commands, options, settings, routes, paths, links, pictures, accounts, columns."""

import inspect
import re
from itertools import pairwise
from pathlib import Path

import click
import flask_migrate.cli
import pytest
from flask import Flask

from contest import config
from contest.config import ROOT
from contest.formats.tables import results
from contest.rules.text import fold
from contest.services import exports
from contest.services.demo import people

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*"))
SCRIPTS = [ROOT / "run", ROOT / "test", *(ROOT / "deploy" / name for name in ("prepare", "replication", "replica"))]
MOST_BYTES = 200_000
ELSEWHERE = ("/etc/", "/srv/", "/tmp/", "/backup", "/usr/", "/var/")  # of the machine, no routes

_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SETTING = re.compile(r"([A-Z]+(?:_[A-Z]+)+)(?:=.*)?")
_ROUTE = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE) )?(/[^\s?{]*)(?:\?\S*)?")
_PATH = re.compile(r"((?:contest|templates|static|tests|docs|deploy|migrations)/[\w./-]*)(?:::(\w+))?")


def texts() -> list[tuple[str, str]]:
    """Return (document, code) of every code span and of every line in a fence."""
    found = []
    for path in DOCUMENTS:
        text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        found += [(name, line.strip()) for fence in _FENCE.findall(text) for line in fence.splitlines()]
        found += [(name, span) for span in _SPAN.findall(_FENCE.sub("", text))]
    return found


def anchors(path: Path) -> set[str]:
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def plain(rule: str) -> str:
    """Return a route with its parameters nameless."""
    return re.sub(r"<[^>]*>", "<>", rule)


def flask_problem(app: Flask, line: str) -> str | None:
    """Return what is wrong with the words behind `flask --app wsgi`, or None."""
    known: click.Command = click.Group(commands={**app.cli.commands, "db": flask_migrate.cli.db})
    words = line.split()
    while words and isinstance(known, click.Group):
        name = words.pop(0)
        if name not in known.commands:
            return f"no command {name}"
        known = known.commands[name]
    if isinstance(known, click.Group):
        return "no command named"
    options = {o: p for p in known.params for o in p.opts}
    for option, value in pairwise([*words, ""]):
        if option.startswith("--") and option not in {*options, "--help"}:
            return f"no option {option}"
        kind = options[option].type if option in options else None
        if isinstance(kind, click.Choice) and value not in {*kind.choices, "F"}:
            return f"{option} is never {value}"
    return None


def test_every_flask_command_and_option_exists(app: Flask) -> None:
    lines = [(name, m[1]) for name, text in texts() if (m := re.search(r"flask --app wsgi ([a-z].*)", text))]
    assert len(lines) > 15
    assert [(name, line, p) for name, line in lines if (p := flask_problem(app, line))] == []


def test_a_command_that_does_not_exist_is_caught(app: Flask) -> None:
    assert flask_problem(app, "questions burn") == "no command burn"
    assert flask_problem(app, "members import FILE --wet-run") == "no option --wet-run"
    assert flask_problem(app, "results export --format pdf") == "--format is never pdf"
    assert flask_problem(app, "members import FILE --dry-run") is None


def test_every_option_of_run_exists() -> None:
    known = set(re.findall(r"(--[\w-]+)\)", SCRIPTS[0].read_text(encoding="utf-8")))
    named = {option for _, text in texts() if "./run" in text for option in re.findall(r"(--[\w-]+)", text)}
    assert {"--empty", "--setup-only"} <= named <= known


def settings_read() -> set[str]:
    return set(re.findall(r"environ(?:\.get\(|\[|, )\"([A-Z_]+)\"", inspect.getsource(config)))


def test_every_setting_stands_in_the_operators_table_and_no_other() -> None:
    text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert table == settings_read() - {"FLASK_DEBUG"}
    assert "FLASK_DEBUG" in text


def test_every_setting_named_is_read() -> None:
    known = settings_read() | set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", "".join(s.read_text() for s in SCRIPTS)))
    named = {(name, m[1]) for name, text in texts() if (m := _SETTING.fullmatch(text))}
    assert len(named) > 15
    assert {(name, setting) for name, setting in named if setting not in known} == set()


def test_every_route_exists(app: Flask) -> None:
    known = {(m, plain(str(rule))) for rule in app.url_map.iter_rules() for m in (*(rule.methods or ()), None)}
    named = {(name, m[1], m[2]) for name, text in texts() if (m := _ROUTE.fullmatch(text))}
    named = {n for n in named if not n[2].startswith(ELSEWHERE)}
    assert len(named) > 15
    assert {n for n in named if (n[1], plain(n[2])) not in known} == set()


def test_every_path_and_every_test_exists() -> None:
    missing, count = [], 0
    for name, text in texts():
        for path, test in _PATH.findall(text) if (" " not in text and "<" not in text) else []:
            count += 1
            found = ROOT / path
            if not found.exists() or (test and f"def {test}(" not in found.read_text(encoding="utf-8")):
                missing.append((name, text))
    assert count > 40
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_resolves(document: Path) -> None:
    broken = []
    for link in ("".join(pair) for pair in _LINK.findall(document.read_text(encoding="utf-8"))):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        path = (document.parent / target).resolve() if target else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


def test_pictures_are_light_and_all_shown() -> None:
    assert len(PICTURES) >= 4
    assert [p.name for p in PICTURES if p.suffix not in {".png", ".svg"} or p.stat().st_size >= MOST_BYTES] == []
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in PICTURES if f"docs/pictures/{p.name}" not in readme] == []


def test_decisions_are_numbered_without_a_gap_and_say_the_same_three_things() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(p.name[:4]) for p in decisions] == list(range(1, len(decisions) + 1))
    parts = ["**Context.**", "**Decision.**", "**Consequence.**"]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^\*\*\w+\.\*\*", text, re.MULTILINE) == parts, path.name
        assert text.startswith(f"# {path.name[:4]}: "), path.name


def test_accounts_of_the_demonstration_are_those_of_the_readme() -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## The demonstration")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    named = {code for row in rows for code in _SPAN.findall(row)}
    assert named == {"m000001", "m000002"} | {code for code, *_ in people.ACCOUNTS}


@pytest.mark.parametrize(
    ("heading", "labels", "columns"),
    [
        ("Results", exports.RESULT_LABELS, results.RESULTS),
        ("Comparison of units", exports.UNIT_LABELS, results.COMPARISON),
        ("Those who advance", exports.ADVANCED_LABELS, results.ADVANCED),
    ],
)
def test_columns_of_exports_are_those_of_the_contract(
    heading: str, labels: dict[str, str], columns: dict[str, int]
) -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (.+?) \|", section, re.MULTILINE) == list(labels.items())
    assert list(columns) == list(labels)


def test_labels_in_bold_are_those_of_the_pages() -> None:
    """Every step shown as **A → B** in the Vietnamese guides is made of texts that a page has."""
    pages = fold(" ".join(p.read_text(encoding="utf-8") for p in (ROOT / "templates").rglob("*.html")))
    code = fold(" ".join(p.read_text(encoding="utf-8") for p in (ROOT / "contest").rglob("*.py")))
    missing = []
    for name in ("members", "organisers", "judges"):
        text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        for bold in re.findall(r"\*\*([^*]+?)\*\*", text):
            for label in (part.strip(" .:,“”?") for part in bold.split("→")):
                if label and len(label.split()) <= 6 and fold(label) not in pages and fold(label) not in code:
                    missing.append((name, label))
    assert missing == []
