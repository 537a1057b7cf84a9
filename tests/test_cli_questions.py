"""Questions by commands: out and in again the same, scored line by line, and for those alone who write them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.formats.drafts import OF_WORDS
from contest.formats.tables import write_questions
from contest.models.banks import Bank, QuestionVersion
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.terms import Role
from tests import people
from tests.conftest import Clock
from tests.kinds import sample
from tests.shell import FORBIDDEN, NOT_FOUND, Shell
from tests.tables import snapshot


@pytest.fixture
def shell(app: Flask, database: str, clock: Clock) -> Shell:
    with app.app_context():
        people.organisation()
    return Shell(app)


@pytest.fixture
def lists(tmp_path: Path) -> Callable[..., str]:
    def write(data: bytes, name: str = "danh-sach.csv") -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


DRAFTS = [
    people.question(1, topic=("Luật", "Chương I"), tags=("mới",), source="Điều 1 Luật Công đoàn"),
    people.question(2, Kind.MULTIPLE_CHOICE, difficulty=Difficulty.APPLICATION),
    people.question(3, Kind.TRUE_FALSE),
]


@pytest.mark.parametrize("form", ["xlsx", "csv", "moodle"])
def test_every_kind_goes_out_and_comes_back_the_same(shell: Shell, app: Flask, tmp_path: Path, form: str) -> None:
    lost = {"K-numeric", "K-short_text"} if form == "moodle" else set()  # a span comes back as a tolerance; accents
    with app.app_context():
        people.bank(drafts=[sample(kind) for kind in OF_WORDS])
    path = str(tmp_path / f"cau-hoi.{form}")
    assert shell("questions", "export", "--bank", "ngan-hang", "--format", form, "--output", path).exit_code == 0
    shell.json("questions", "import", path, "--bank", "ban-sao", "--json")
    banks = [
        {q["code"]: q for q in json.loads(shell("questions", "export", "--bank", bank, "--format", "json").stdout)}
        for bank in ("ngan-hang", "ban-sao")
    ]
    assert banks[0].keys() == banks[1].keys() == {f"K-{kind}" for kind in OF_WORDS}
    assert {code for code in banks[0] if banks[0][code] != banks[1][code]} == lost
    assert banks[0]["K-short_text"]["parts"][0]["answers"][2] == {"text": "Bác Hồ", "weight": "0.5", "feedback": ""}


@pytest.mark.parametrize("form", ["xlsx", "csv", "gift", "moodle", "docx", "qti21", "qti22", "qti3"])
def test_questions_go_out_and_come_back_the_same(
    shell: Shell, app: Flask, lists: Callable[..., str], tmp_path: Path, form: str
) -> None:
    with app.app_context():
        people.bank(drafts=DRAFTS)
    first = json.loads(shell("questions", "export", "--bank", "ngan-hang", "--format", "json").stdout)
    path = str(tmp_path / f"cau-hoi.{form}")
    done = shell("questions", "export", "--bank", "ngan-hang", "--format", form, "--output", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert bool(done.stderr) is (form in {"gift", "moodle"})  # which carries neither levels nor sources
    into = ["questions", "import", path, "--bank", "ban-sao", "--json"]
    before = snapshot(app)
    looked_at = shell.json(*into, "--dry-run")
    assert snapshot(app) == before
    entered = shell.json(*into)
    assert entered == looked_at
    assert entered["problems"] == []
    lost = {"difficulty": None, "source": ""} if form in {"gift", "moodle"} else {}
    in_order = sorted(entered["questions"], key=lambda q: q["code"])  # Word has those of a topic together
    assert in_order == [{**q, **lost} for q in first]
    again = json.loads(shell("questions", "export", "--bank", "ban-sao", "--format", "json").stdout)
    assert sorted(again, key=lambda q: q["code"]) == in_order
    with app.app_context():
        copied = sa.select(QuestionVersion.state).where(QuestionVersion.number == 1).order_by(QuestionVersion.id)
        assert db.session.scalars(copied).all() == ["approved"] * 3 + ["in_review"] * 3
    without = frozenset({"audit_entries"})
    before = snapshot(app, without=without)
    assert shell("questions", "import", path, "--bank", "ban-sao").stdout == (
        "new: 0, changed: 0, unchanged: 3, errors: 0\n"
    )
    assert snapshot(app, without=without) == before


def test_questions_are_for_those_who_write_them(shell: Shell, app: Flask, lists: Callable[..., str]) -> None:
    path = lists(write_questions([people.question(9)], format="csv"), "cau-hoi.csv")
    with app.app_context():
        bank_id = people.bank()
        people.staff("cua-minh", Role.AUTHOR, bank_id=bank_id)
        people.bank("khac", [people.question(n) for n in (5, 6)])
        for who in (people.author, people.reviewer, people.judge, people.auditor):
            who()
        people.member("thuong")
        people.organiser("don-vi", "A")
    for nobody in ("thuong", "don-vi", "giamkhao", "kiemtra", "duyet"):
        for bank in ("ngan-hang", "moi"):
            for more in (["--dry-run", "--json"], []):
                assert shell.refused("questions", "import", path, "--bank", bank, "--as", nobody, *more) == FORBIDDEN
    for nobody in ("thuong", "don-vi", "giamkhao", "kiemtra"):
        line = '{"question": "C-0001", "response": "A"}'
        assert shell.refused("questions", "score", "--bank", "ngan-hang", "--as", nobody, given=line) == NOT_FOUND
        for form in ("json", "csv", "gift", "aiken", "moodle", "xlsx", "docx", "qti21", "qti22", "qti3"):
            said = shell.refused("questions", "export", "--bank", "ngan-hang", "--format", form, "--as", nobody)
            assert said == NOT_FOUND
    for more in (["--dry-run"], []):
        assert shell.refused("questions", "import", path, "--bank", "khac", "--as", "cua-minh", *more) == NOT_FOUND
    assert (
        len(shell.json("questions", "import", path, "--bank", "ngan-hang", "--as", "cua-minh", "--json")["questions"])
        == 1
    )
    with app.app_context():
        versions = sa.select(QuestionVersion.author_id).order_by(QuestionVersion.id.desc())
        assert db.session.scalars(versions).first() == people.actor("cua-minh").member_id
        assert db.session.scalars(sa.select(Bank.code).order_by(Bank.id)).all() == ["ngan-hang", "khac"]


def test_responses_are_scored_line_by_line(shell: Shell, app: Flask) -> None:
    with app.app_context():
        people.bank(drafts=DRAFTS)
    given = [
        ("C-0001", "A", "1"), ("C-0001", "B", "0"), ("C-0001", None, "0"), ("C-0002", ["A", "B"], "1"),
        ("C-0002", ["B", "A"], "1"), ("C-0002", ["A"], "0"), ("C-0002", ["A", "B", "C"], "0"), ("C-0003", "A", "1"),
        ("C-0003", "B", "0"),
    ]  # fmt: skip
    lines = "\n".join(json.dumps({"question": q, "response": r}) for q, r, _ in given)
    done = shell("questions", "score", "--bank", "ngan-hang", given=f"{lines}\n\n")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"question": q, "fraction": f, "feedback": ""} for q, _, f in given
    ]


@pytest.mark.parametrize(
    "line", ["{", "[]", "null", '{"response": "A"}', '{"question": "C-9999", "response": "A"}',
             '{"question": "C-0001", "response": "E"}', '{"question": "C-0001", "response": ["A", "B"]}',
             '{"question": ["C-0001"], "response": "A"}'],
)  # fmt: skip
def test_response_that_cannot_be_scored_is_refused(shell: Shell, app: Flask, line: str) -> None:
    with app.app_context():
        people.bank(drafts=DRAFTS)
    assert shell.refused("questions", "score", "--bank", "ngan-hang", given=line)


def test_file_that_cannot_be_written_is_a_refusal(shell: Shell, app: Flask) -> None:
    with app.app_context():
        people.bank()
    said = shell.refused("questions", "export", "--bank", "ngan-hang", "--format", "csv", "--output", "/khong/co.csv")
    assert said == "Không ghi được tệp /khong/co.csv.\n"
