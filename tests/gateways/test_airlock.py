"""The airlock, and readers with bad intentions inside it."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from contest.errors import Refused
from contest.formats.drafts import QuestionDraft, Reading
from contest.formats.moodle import write_moodle
from contest.formats.qti import write_qti
from contest.formats.readers import MOST_BYTES, READERS
from contest.formats.tables import questions_template, read_questions, write_questions
from contest.formats.word import write_word
from contest.gateways import airlock
from contest.rules.refusals import TEXTS, Refusal
from contest.services.exchange import WRITERS

from ..formats.archives import repacked, workbook
from ..formats.test_zipsafe import LAUGHS

FAILED = Refusal("import-failed")


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        airlock.read(*args, **kwargs)
    return caught.value.refusal


@pytest.fixture
def villain(monkeypatch):
    """Return a function that reads with a reader whose body is given, in a real child."""
    package = airlock._START.split("; from contest.gateways")[0]

    def read(body, data=b"", **limits):
        lines = [
            package,
            "from contest.gateways import airlock",
            "from contest.formats.drafts import Reading",
            "def read(data):",
            *(f"    {line}" for line in body.splitlines()),
            "    return Reading((), ())",
            "airlock.read_with = lambda name, data, convert: read(data)",
            "airlock.main(*sys.argv[2:])",
        ]
        monkeypatch.setattr(airlock, "_START", "\n".join(lines))
        return airlock.read("gift", data, **limits)

    return read


def test_reading_comes_through_unchanged():
    data = questions_template()
    assert airlock.read("questions-table", data) == read_questions(data)


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_answers(reader):
    reading = airlock.read(reader, b"x\xff")  # more than what only says how letters are written, which is nothing
    told = {"docx": Refusal("not-a-document"), "media": Refusal("media-kind"), "handed": Refusal("file-kind")}.get(
        reader, Refusal("not-utf8", {"position": 2})
    )
    assert [problem.refusal for problem in reading.problems] == [told]


def test_unknown_reader_is_refused():
    assert refused("khong-co", b"") == Refusal("not-a-choice", field="format")


def test_large_file_is_refused_before_a_child_is_started(monkeypatch):
    monkeypatch.setattr(airlock.sys, "executable", "/nowhere/python")
    assert refused("gift", bytes(MOST_BYTES + 1)) == Refusal("too-large", {"limit": "30 MB"})
    with pytest.raises(FileNotFoundError):
        airlock.read("gift", bytes(MOST_BYTES))


def test_villain_that_does_nothing_is_a_reader(villain):
    assert villain("pass") == Reading((), ())


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('boom')",
        "raise SystemExit(3)",
        "import ctypes; ctypes.string_at(0)",
        "return None",
        "return Reading((object(),), ())",
        "print('not a reading')",
        "import sys; sys.stdout.buffer.write(b'[['); raise SystemExit(0)",
        "return bytearray(2**31) and Reading((), ())",
        "x = [0]\nwhile True: x += x",
    ],
)
def test_crash_is_a_refusal(villain, body):
    with pytest.raises(Refused) as caught:
        villain(body)
    assert caught.value.refusal == FAILED
    assert FAILED.slug in TEXTS


@pytest.mark.parametrize(
    "body", ["while True: pass", "import time; time.sleep(60)", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"]
)
def test_hang_is_a_refusal_when_its_time_is_up(villain, body):
    before = time.perf_counter()
    with pytest.raises(Refused) as caught:
        villain(body, seconds=1)
    assert caught.value.refusal == FAILED
    assert time.perf_counter() - before < 20  # one would sleep for sixty seconds, two for ever


@pytest.mark.parametrize(("size", "fits"), [(100, True), (500, False)])
def test_memory_is_limited(villain, size, fits):
    body = f"bytearray({size} * 2**20)"
    if fits:
        assert villain(body, memory_mb=400) == Reading((), ())
    else:
        with pytest.raises(Refused):
            villain(body, memory_mb=400)


@pytest.mark.parametrize(
    "body",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('example.com', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:1')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import os; os.remove('{path}')",
        "import os; os.rename('{path}', '{path}x')",
        "import os; os.mkdir('{path}x')",
        "import os; os.open('{path}', os.O_WRONLY)",
        "open('{path}', 'w')",
        "open('{path}x', 'x')",
        "open('{path}', 'a')",
        "import pathlib; pathlib.Path('{path}').write_text('x')",
        "import shutil; shutil.rmtree('{folder}')",
        "import ctypes; ctypes.CDLL(None)",
        "import sqlite3; sqlite3.connect('{path}')",
    ],
)
def test_reader_reaches_nothing(villain, tmp_path, caplog, body):
    path = tmp_path / "watched"
    path.write_text("before")
    with pytest.raises(Refused) as caught:
        villain(body.replace("{path}", str(path)).replace("{folder}", str(tmp_path)))
    assert caught.value.refusal == FAILED
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("watched", "before")]
    assert caplog.messages[0].split(": ")[1] in {"PermissionError", "urllib.error.URLError"}


def test_child_inherits_neither_environment_nor_application(villain, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    for body in (
        "import os; assert 'SECRET_KEY' not in os.environ",
        "import sys; assert not {'flask', 'sqlalchemy', 'contest.db'} & set(sys.modules)",
    ):
        assert villain(body) == Reading((), ())


def test_child_has_few_file_descriptors(villain):
    with pytest.raises(Refused):
        villain("kept = [open('/dev/null') for _ in range(20)]")
    assert villain("kept = [open('/dev/null') for _ in range(5)]") == Reading((), ())


@pytest.mark.parametrize(
    "data",
    [
        questions_template()[:-100],
        repacked(questions_template(), {"xl/sharedStrings.xml": LAUGHS.encode()}),
        repacked(questions_template(), {"xl/vbaProject.bin": b"x"}),
        repacked(questions_template(), {"xl/a.bin": bytes(2**22)}),
    ],
    ids=["cut", "laughs", "macro", "bomb"],
)
def test_trap_is_told_for_what_it_is(data):
    reading = airlock.read("questions-table", data)
    assert (reading.drafts, len(reading.problems)) == ((), 1)


def test_sheet_that_claims_a_thousand_million_cells_is_a_refusal():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert refused("questions-table", repacked(workbook([["a"]]), {"xl/worksheets/sheet1.xml": sheet})) == FAILED


def mutants(sound, chance, count):
    """Yield files with bytes changed, cut out, doubled or cut off."""
    for _ in range(count):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 6)):
            at, length = chance.randrange(len(data)), chance.randrange(1, 40)
            piece = chance.choice(
                [bytes([chance.randrange(256)]), b"", data[at : at + length] * 2, b"<!DOCTYPE", b"\0", b"{"]
            )
            data[at : at + chance.choice([1, length])] = piece
        yield bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])])


@pytest.mark.slow
def test_mutated_files_are_read_or_refused():
    chance = random.Random(20210530)
    drafts: list[QuestionDraft] = list(read_questions(questions_template()).drafts) * 3
    sources = [
        ("questions-table", questions_template()),
        ("questions-table", write_questions(drafts, format="csv")),
        ("gift", WRITERS["gift"](drafts)[0]),
        ("aiken", WRITERS["aiken"](drafts)[0]),
        ("moodle", write_moodle(drafts)[0]),
        ("questions", write_moodle(drafts)[0]),
        ("docx", write_word(drafts)[0]),
        ("qti", write_qti(drafts, "qti3")[0]),
        ("members", workbook([["Họ và tên", "Mã đơn vị"], ["Ánh", "U1"]])),
    ]
    files = [(reader, mutant) for reader, sound in sources for mutant in mutants(sound, chance, 25)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(_outcome, files))
    assert len(outcomes) == 25 * len(sources)
    assert set(outcomes) <= {"read", "refused"}
    assert outcomes.count("refused") > 25


def _outcome(file):
    try:
        reading = airlock.read(*file)
    except Refused as failure:
        return f"crashed: {failure}"
    assert all(problem.refusal.slug in TEXTS for problem in reading.problems)
    return "read" if reading.drafts else "refused"
