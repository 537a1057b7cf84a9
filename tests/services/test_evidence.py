"""The evidence of a round, checked by the program that is published with it: it holds, and whatever is changed is named."""

import importlib.util
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest.db import db, transaction
from contest.errors import Conflict, NotFound
from contest.formats.composing import compose
from contest.models.attempts import Attempt
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.marking import Scoring, Way, earned
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Kind
from contest.rules.questions import KINDS, TOLD
from contest.rules.result_terms import Remedy
from contest.rules.terms import Counted, Criterion
from contest.rules.worth import Negative, Worth
from contest.services import evidence, seals
from contest.services.attempts import closing, paper, saving, voiding
from contest.services.banks.storing import stored_answers, stored_parts, stored_weights
from contest.services.corrections import proposing
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.formats.drafts import questions
from tests.kinds import AUTOMATIC, PARTLY, RIGHT, response, sample

VERIFIER = Path(__file__).parents[2] / "docs" / "verify" / "verify.py"
SLUG = "cuoc-thi"
LADDER = Worth(Decimal("2.5"), Scoring(Way.LADDER, (Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1))))
COSTLY = Worth(Decimal(1), Scoring(Way.BY_SHARE, (), Fraction(1, 4)))
LINE = {"topic_id": None, "difficulty": None, "question_id": None}
LINES = [
    {**LINE, "count": 3, "worth": {}},
    {**LINE, "count": 3, "worth": LADDER.stored()},
    {**LINE, "count": 4, "worth": COSTLY.stored()},
]


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    found = importlib.util.spec_from_file_location("verify", VERIFIER)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    """A round whose papers ask a question of every kind, ranked by all that people are ranked by, that ten people took."""
    people.organisation()
    bank = people.bank("kho", [sample(kind) for kind in AUTOMATIC])
    criteria = [Criterion.POINTS, Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION, Criterion.REGISTERED_AT]
    values = {"criteria": criteria, "counted": Counted.AVERAGE, "negative": Negative.FLOORED}
    (found,) = people.contest(bank_id=bank, lines=LINES, rounds=(values,))
    chance = random.Random(19300203)
    for n in range(10):
        who = people.member(f"m{n}")
        for _ in range(chance.choice([1, 1, 2])):
            sit(found, who, chance, clock)
    return found


def sit(code: str, who: Actor, chance: random.Random, clock: Clock) -> None:
    attempt = people.attempt(code, who)
    for question in paper.get_paper(attempt, by=who).questions:
        wordings = [RIGHT[question.kind], PARTLY.get(question.kind, (None, 0))[0], None]
        for revision, words in enumerate(chance.sample(wordings, chance.randint(1, 2)), 1):
            value = None if words is None else response(question, words)
            saving.save(attempt, str(question.position), revision, value, by=who, at=clock.at, arrived=clock.at)
    saving.save(attempt, "prediction", 1, chance.randrange(5), by=who, at=clock.at, arrived=clock.at)
    clock.advance(seconds=chance.choice([60, 61]))
    closing.submit(attempt, {}, by=who, arrived=clock.at)


def settle(code: str, clock: Clock) -> None:
    clock.advance(hours=3)
    while seals.seal(clock.at):
        pass
    settlement.settle(people.round_row(code).id)


@pytest.fixture
def bundle(code: str, clock: Clock) -> bytes:
    settle(code, clock)
    return evidence.bundle(SLUG, code, by=SYSTEM)


def run(verifier: ModuleType, bundle: bytes, *more: str) -> list[str]:
    return list(verifier.problems(zipfile.ZipFile(BytesIO(bundle)), *more))


def questions_of_one() -> list[int]:
    """Return the questions of the paper that was drawn first."""
    return sorted(item[0] for item in db.session.scalars(sa.select(Attempt.paper).order_by(Attempt.id).limit(1)).one())


def test_evidence_of_a_round_holds(verifier: ModuleType, bundle: bytes) -> None:
    assert run(verifier, bundle) == []
    (last,) = json.loads(zipfile.ZipFile(BytesIO(bundle)).read("seals.json"))[-1:]
    assert run(verifier, bundle, last["digest"]) == []
    assert run(verifier, bundle, "00") == [f"the last seal is {last['digest']}, not 00"]


def test_evidence_holds_through_corrections_and_voids(verifier: ModuleType, code: str, clock: Clock) -> None:
    settle(code, clock)
    people.publish_result(SLUG, code)
    versions = questions_of_one()
    for number, (version, remedy) in enumerate(zip(versions, (Remedy.FULL_CREDIT, Remedy.DROPPED), strict=False), 2):
        proposing.propose(SLUG, code, version, remedy, [], "Đề in sai", by=SYSTEM)
        people.publish_result(SLUG, code, number)
    bundle = evidence.bundle(SLUG, code, by=SYSTEM)
    assert len(json.loads(zipfile.ZipFile(BytesIO(bundle)).read("keys.json"))["corrections"]) == 2
    assert run(verifier, bundle) == []


def test_evidence_names_nobody(bundle: bytes) -> None:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist() if name != "verify.py").decode()
    names = {name for row in db.session.execute(sa.select(Member.code, Member.full_name)) for name in row}
    names |= {name for row in db.session.execute(sa.select(Unit.code, Unit.name)) for name in row}
    assert {"m1", "Nguyễn Thị M1", "A1", "Công đoàn Sở An"} <= names
    quoted = {f'"{name}"' for name in names} | {name for name in names if " " in name} | {"member"}
    assert [told for told in quoted if told in everything] == []


def test_program_that_goes_along_checks_it_alone(bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "e.zip").write_bytes(bundle)
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        archive.extract("verify.py", tmp_path)
    alone = subprocess.run([sys.executable, "-I", "verify.py", "e.zip"], cwd=tmp_path, capture_output=True, text=True)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout.endswith("All is as it is said to be.\n")


def test_open_round_has_no_evidence_and_a_stranger_finds_none(code: str) -> None:
    with pytest.raises(Conflict):
        evidence.bundle(SLUG, code, by=SYSTEM)
    with pytest.raises(NotFound):
        evidence.bundle("khac", code, by=SYSTEM)


def refused(code: str) -> str:
    with pytest.raises(Conflict) as found:
        evidence.bundle(SLUG, code, by=SYSTEM)
    return found.value.refusal.slug


def test_no_evidence_while_another_result_waits(code: str, clock: Clock, verifier: ModuleType) -> None:
    settle(code, clock)
    people.publish_result(SLUG, code)
    receipt = db.session.scalars(sa.select(Attempt.receipt).limit(1)).one()
    voiding.void(SLUG, code, receipt=str(receipt), reason="Thi hộ", by=SYSTEM)
    assert refused(code) == "evidence-waits"
    people.publish_result(SLUG, code, 2)
    assert run(verifier, evidence.bundle(SLUG, code, by=SYSTEM)) == []


@pytest.mark.parametrize(
    ("statement", "slug"),
    [
        ("UPDATE attempts SET is_sealed = false WHERE id = 1", "evidence-unsealed"),
        ("UPDATE results SET unmarked = 1 WHERE attempt_id = 1", "evidence-unmarked"),
    ],
)
def test_no_evidence_of_what_is_not_ready(code: str, clock: Clock, statement: str, slug: str) -> None:
    settle(code, clock)
    with transaction():
        db.session.execute(sa.text(statement))
    assert refused(code) == slug


def test_no_evidence_of_two_results(code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(code, clock)
    people.publish_result(SLUG, code)
    version = questions_of_one()[0]

    def meanwhile(*_: Any) -> Any:
        proposing.propose(SLUG, code, version, Remedy.FULL_CREDIT, [], "Đề in sai", by=SYSTEM)
        people.publish_result(SLUG, code, 2)
        return {}

    monkeypatch.setattr(evidence, "_keys", meanwhile)
    assert refused(code) == "evidence-moved"


Change = Callable[[dict[str, Any]], None]


def changed(bundle: bytes, name: str, change: Change, line: int = 2) -> bytes:
    """Return the evidence with one of its files changed: a whole one, or a line of it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(bundle)) as old, zipfile.ZipFile(out, "w") as new:
        for known in old.namelist():
            content = old.read(known)
            if known == name:
                lines = content.splitlines() if name.endswith("l") else [content]
                at = line if name.endswith("l") else 0
                told = json.loads(lines[at])
                change(told)
                lines[at] = json.dumps(told).encode()
                content = b"\n".join(lines)
            new.writestr(known, content)
    return out.getvalue()


def other_answer(told: dict[str, Any]) -> None:
    told["saves"][0][2] = '"khac"' if told["saves"][0][2] is None else None


def other_keys(told: dict[str, Any]) -> None:
    for version in told["versions"].values():
        version["weights"] = dict.fromkeys(version["weights"], "0")
        version["answers"] = {}


CHANGES: list[tuple[str, Change, str]] = [
    ("submissions.jsonl", other_answer, "its paper, its times or its responses"),
    ("submissions.jsonl", lambda t: t["paper"].reverse(), "its paper, its times or its responses"),
    ("submissions.jsonl", lambda t: t.update(finished_at=t["started_at"]), "its paper, its times or its responses"),
    ("submissions.jsonl", lambda t: t.update(digest="0" * 64), "is in no seal"),
    ("submissions.jsonl", lambda t: t.update(state="expired"), "is in no seal"),
    ("submissions.jsonl", lambda t: t["result"].update(points="99"), "points: 99 is said"),
    ("submissions.jsonl", lambda t: t["result"].update(seconds=1), "seconds: 1 is said"),
    ("submissions.jsonl", lambda t: t.update(is_void=True), "is said"),
    ("standings.jsonl", lambda t: t.update(place=1), "place: 1 is said"),
    ("standings.jsonl", lambda t: t.update(points="99"), "points: 99 is said"),
    ("standings.jsonl", lambda t: t.update(person=99), "does not hold everybody"),
    ("keys.json", other_keys, "is said"),
    ("round.json", lambda t: t.update(target=77), "target: 77 is said"),
    ("round.json", lambda t: t.update(participants=77), "participants: 77 is said"),
    ("round.json", lambda t: t["criteria"].reverse(), "place: "),
    ("seals.json", lambda t: t[0]["leaves"].reverse(), "the leaves do not lead to its root"),  # type: ignore[index]
    ("seals.json", lambda t: t[0].update(count=1), "1 submissions are said"),  # type: ignore[index]
    ("seals.json", lambda t: t[0].update(digest="0" * 64), "does not follow from the batch before"),  # type: ignore[index]
]


def test_whatever_is_changed_is_named(verifier: ModuleType, bundle: bytes) -> None:
    for name, change, said in CHANGES:
        found = run(verifier, changed(bundle, name, change))
        assert any(said in problem for problem in found), (name, said, found)


def test_submission_left_out_is_missed(verifier: ModuleType, bundle: bytes) -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(bundle)) as old, zipfile.ZipFile(out, "w") as new:
        for known in old.namelist():
            content = old.read(known)
            new.writestr(known, b"\n".join(content.splitlines()[1:]) if known == "submissions.jsonl" else content)
    assert "1 sealed submissions are not in the evidence" in run(verifier, out.getvalue())


SCORINGS = [
    Scoring(),
    Scoring(Way.ALL_OR_NOTHING),
    Scoring(Way.BY_SHARE, (), Fraction(1, 4)),
    *(Scoring(Way.LADDER, tuple(Fraction(n, steps) for n in range(1, steps + 1))) for steps in (2, 3, 4)),
]


def given_to(draft: Any, body: Any, chance: random.Random) -> Any:
    """Some response to a question, often near to a right one."""
    words = [
        "Hà Nội",
        "ha noi",
        "HÀ  NỘI",
        "x",
        "",
        "12",
        "12,5",
        "1.000",
        *(a.text for p in draft.parts for a in p.answers),
    ]
    options = [option for option, _ in body.options]
    match draft.kind:
        case Kind.MULTIPLE_CHOICE:
            return chance.sample(options, chance.randint(0, len(options)))
        case Kind.ORDERING:
            return chance.sample(options, len(options))
        case Kind.SINGLE_CHOICE | Kind.TRUE_FALSE:
            return chance.choice(options)
        case Kind.ESSAY:
            return "Bài viết"
        case Kind.UPLOAD:
            return None
    own = {p.id: [o for o, _ in p.options] or options or ["true", "false"] for p in body.parts}
    typed = {p.id: words if p.kind.value in ("text", "number") else own[p.id] for p in body.parts}
    return {part: chance.choice(typed[part]) for part in typed if chance.random() < 0.8} or None


@given(draft=questions([kind for kind in Kind if kind not in TOLD | {Kind.HOTSPOT}]), seed=st.integers(0, 10**9))
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_program_marks_every_answer_as_the_rules_do(verifier: ModuleType, draft: Any, seed: int) -> None:
    chance, composed = random.Random(seed), compose(draft)
    value = KINDS[draft.kind].parse(composed.body, given_to(draft, composed.body, chance))
    if value is not None and type(value).__name__ == "Refusal":
        return
    question = {
        "kind": draft.kind.value, "parts": stored_parts(composed.body.parts),
        "weights": stored_weights(composed.key), "answers": stored_answers(composed.key),
    }  # fmt: skip
    scoring = chance.choice(SCORINGS)
    stored = json.loads(json.dumps(value))
    mine = verifier.earned(question, stored, Worth(Decimal(1), scoring).stored())
    assert mine == earned(draft.kind, composed.body, composed.key, value, scoring)
