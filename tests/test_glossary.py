"""Words: the glossary names what the tables hold, every enumeration has its labels, every refusal its sentence."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import pytest

from contest.config import ROOT
from contest.db import Base
from contest.i18n import Speech
from contest.rules import labels, terms
from contest.rules.refusals import (
    TEXTS,
    Refusal,
    accounts,
    banks,
    contests,
    entrants,
    general,
    imports,
    overall,
    qti,
    taking,
    units,
    word,
)

SUBJECTS = {
    "accounts": accounts.ACCOUNTS,
    "banks": banks.BANKS,
    "contests": contests.CONTESTS,
    "entrants": entrants.ENTRANTS,
    "general": general.GENERAL,
    "imports": imports.IMPORTS,
    "overall": overall.OVERALL,
    "qti": qti.QTI,
    "taking": taking.TAKING,
    "units": units.UNITS,
    "word": word.WORD,
}
# Tables whose names are no words of the field: how things are kept.
TECHNICAL = {"ended_sessions", "files", "jobs", "outbox_messages", "rate_windows", "sign_in_names",
             "start_gates", "tokens", "worker_beats"}  # fmt: skip
_NAMED = {**vars(terms), **vars(labels)}
ENUMERATIONS = [kind for kind in _NAMED.values() if isinstance(kind, type) and StrEnum in kind.__bases__]
FORMS_OF_ADDRESS = {"address", "Address"}


def glossary() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return [(english, vietnamese) for english, vietnamese in rows[1:]]


def words() -> set[str]:
    """Return the English words of the glossary, singular, without what is in brackets."""
    plain = [re.sub(r" \(.+\)", "", english).lower() for english, _ in glossary()]
    return {word for english in plain for word in english.split(" / ")}


def test_glossary_names_each_thing_once():
    for column in zip(*glossary(), strict=True):
        assert sorted(set(column)) == sorted(column)
    assert len(glossary()) > 30


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("Contest", "cuộc thi"),
        ("Unit", "đơn vị"),
        ("Member / Contestant", "đoàn viên / thí sinh"),
        ("Answer key", "đáp án"),
        ("Paper", "đề thi"),
        ("Attempt", "lượt thi"),
        ("Response", "câu trả lời"),
        ("Score", "điểm số"),
        ("Standing", "thứ hạng"),
        ("Mark", "điểm chấm"),
        ("Network allowance (a round's)", "thời gian bù đường truyền"),
    ],
)
def test_glossary_says(english, vietnamese):
    assert dict(glossary())[english] == vietnamese


def test_every_table_is_named_by_words_of_the_glossary():
    known = words()
    unnamed = set()
    for table in Base.metadata.tables:
        singular = [re.sub(r"ies$", "y", part).removesuffix("s") for part in table.split("_")]
        if not {" ".join(singular), *singular} & known:
            unnamed.add(table)
    assert unnamed == TECHNICAL


@pytest.mark.parametrize("kind", ENUMERATIONS, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_of_its_own(kind):
    words_of = [labels.LABELS[member] for member in kind]
    assert all(words_of)
    assert len(set(words_of)) == len(words_of)


def test_labels_are_of_members_that_exist():
    assert {type(member) for member in labels.LABELS} == set(ENUMERATIONS)
    assert len(labels.LABELS) == sum(len(kind) for kind in ENUMERATIONS)


def test_every_slug_stands_in_one_table():
    assert sum(len(table) for table in SUBJECTS.values()) == len(TEXTS)


@pytest.mark.parametrize("slug", sorted(TEXTS))
def test_every_refusal_is_a_sentence_without_markup(slug):
    text = TEXTS[slug]
    assert slug == re.sub(r"[^a-z0-9-]", "", slug)
    assert text[-1] in ".?!"
    assert text[0].isupper() or text.startswith("%(")
    assert not re.search(r"[<>]|\s\s|\.\.", text)


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return every module but the tables of refusals themselves."""
    found = sorted((ROOT / "contest").rglob("*.py"))
    return tuple((str(p), ast.parse(p.read_text(encoding="utf-8"))) for p in found if p.parent.name != "refusals")


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Return every call that makes a refusal by a literal slug."""
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal" and node.args:
                slug = node.args[0]
                for value in (slug.body, slug.orelse) if isinstance(slug, ast.IfExp) else (slug,):
                    if isinstance(value, ast.Constant):
                        yield str(value.value), node


def test_every_refusal_raised_has_its_text():
    raised = {slug for slug, _ in refusals()}
    assert len(raised) > 60
    assert raised - TEXTS.keys() == set()


def test_every_text_is_used():
    said = {
        node.value
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert TEXTS.keys() - said == set()


def test_every_placeholder_is_given_where_a_refusal_is_made():
    lacking = []
    for slug, call in refusals():
        given = (
            call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "params"), None)
        )
        if given is None or isinstance(given, ast.Dict):
            names = {k.value for k in given.keys if isinstance(k, ast.Constant)} if given is not None else set()
            wanted = set(re.findall(r"%\((\w+)\)", TEXTS[slug])) - FORMS_OF_ADDRESS
            lacking += [(slug, name) for name in sorted(wanted - names)]
    assert lacking == []


@pytest.mark.parametrize("address", list(terms.Address))
@pytest.mark.parametrize("slug", sorted(TEXTS))
def test_every_refusal_can_be_said(slug, address):
    params = dict.fromkeys(re.findall(r"%\((\w+)\)", TEXTS[slug]), "x")
    given = {name: value for name, value in params.items() if name not in FORMS_OF_ADDRESS}
    assert "%(" not in Speech("vi", address=address).said(Refusal(slug, given))
