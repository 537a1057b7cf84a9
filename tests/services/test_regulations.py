"""Regulations of real contests: each file sets its contest up exactly, is written back the same, and behaves as written."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from contest.clock import now
from contest.config import ROOT
from contest.errors import Invalid, Refused
from contest.formats import regulations as files
from contest.formats.regulations.terms import Regulations
from contest.models.contests import Round
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.ranking import Achievement, Merit, rank_key
from contest.rules.refusals import Refusal
from contest.services.attempts import closing, starting
from contest.services.contests import blueprint_lines, consents, publishing, rounds, schedules, setup
from contest.services.regulations import loading, writing
from tests import people
from tests.conftest import Clock
from tests.services.test_marking import essay
from tests.shell import Shell

FOLDER = ROOT / "docs" / "regulations"
# rounds, questions, minutes, attempts, per, counted, prediction, criteria, units; and who of A and B stands first.
SAID = {
    "bac-giang-2021": (4, 20, 20, None, "round", "best", None, "correct duration", "participants", "B"),
    "bo-tu-phap-2021": (
        1, 19, 20, 3, "round", "best", "all_correct", "correct prediction duration", "participants", "A",
    ),
    "btgtw-2019": (
        20, 5, 20, None, "round", "best", "all_correct", "correct prediction submitted_at", "participants", "A",
    ),
    "cdvcvn-2021": (
        3, 20, 20, None, "round", "best", "all_correct", "correct prediction duration", "participants", "A",
    ),
    "dak-lak-2022": (
        2, 20, 20, None, "round", "best", None, "correct duration attempts_used registered_at", "participants", "B",
    ),
    "dak-lak-2025": (
        4, 10, 10, 1, "day", "best", "participants", "correct prediction duration", "participants", "A",
    ),
    "giai-ca-nhan": (1, 20, 20, None, "round", "best", None, "correct duration", "participants", "B"),
    "phu-yen-2021": (
        7, 35, 20, None, "round", "best", "all_correct", "correct duration prediction", "participants", "B",
    ),
    "quang-nam-2022": (
        2, 20, 20, None, "round", "best", "participants", "points prediction duration started_at full_marks",
        "participants", "A",
    ),
    "tap-the-diem-giai": (1, 20, 20, None, "round", "best", None, "correct duration", "percent_and_prizes", "B"),
    "tap-the-dieu-kien": (1, 20, 20, None, "round", "best", None, "correct duration", "gated_ratio", "B"),
    "tap-the-hon-hop": (1, 20, 20, None, "round", "best", None, "correct duration", "participants", "B"),
    "tap-the-so-giai": (1, 20, 20, None, "round", "best", None, "correct duration", "winners", "B"),
    "tap-the-tu-diem": (1, 20, 20, None, "round", "best", None, "correct duration", "at_least", "B"),
    "tap-the-ty-le": (1, 20, 20, None, "round", "best", None, "correct duration", "ratio", "B"),
    "tld-2020": (4, 20, 30, 3, "round", "best", "all_correct", "correct prediction duration", "participants", "A"),
    "tld-2023": (3, 20, 20, 2, "round", "best", None, "points duration", "participants", "B"),
    "tld-2024": (3, 20, 15, 2, "round", "best", None, "correct duration", "participants", "B"),
    "tphcm-2023": (4, 20, 15, 2, "round", "best", None, "correct duration", "participants", "B"),
    "tphcm-2025": (2, 20, 20, None, "round", "best", "all_correct", "correct prediction duration", "participants", "A"),
    "vinh-phuc-2021": (4, 20, 20, None, "round", "best", None, "correct duration", "participants", "B"),
}  # fmt: skip
LATER = {
    "cdvcvn-2021": ["Vòng sân khấu hóa"],
    "phu-yen-2021": ["Chung kết"],
    "tld-2024": ["Clip của đội"],
}
ESSAYS = {"tld-2023": [(1, 5, True)]}
SECOND = timedelta(seconds=1)
both = pytest.mark.parametrize("name", sorted(SAID))


def read(name: str) -> Regulations:
    return files.read((FOLDER / f"{name}.toml").read_bytes())


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> None:
    clock.set(datetime(2019, 1, 1, tzinfo=UTC))
    people.organisation()
    people.bank("ngan-hang", [*(people.question(n) for n in range(1, 37)), essay(1)])


def load(name: str) -> list[Round]:
    loading.load(read(name), bank="ngan-hang", organiser="GOC", by=SYSTEM)
    return rounds.list_rounds(people.contest_id(name))


def test_every_file_is_tried() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(SAID)


def test_parts_that_are_not_held_here_are_named() -> None:
    assert {name: [x.title for x in read(name).later] for name in SAID if read(name).later} == LATER


@both
def test_file_is_set_up_as_written_and_written_back_the_same(house: None, name: str) -> None:
    own = load(name)
    count, *values, _ = SAID[name]
    contest = setup.get_contest(name, by=SYSTEM)
    assert len(own) == count
    for row in own:
        line, *marked = blueprint_lines.list_lines(row.id)
        assert [(x.count, x.worth.points, x.marked) for x in marked] == ESSAYS.get(name, [])
        assert [
            line.count, row.minutes, row.attempts_allowed, row.attempts_per, row.counted, row.prediction,
            " ".join(row.criteria), contest.unit_criterion,
        ] == values  # fmt: skip
    said = read(name)
    for part in said.later:
        assert f"- {part.title}: {part.note}" in contest.regulations
    written = files.read(writing.file_of(name, by=SYSTEM))
    divisions = {name: units for name, units in said.units.divisions.items() if units}
    units = replace(said.units, divisions=divisions)
    assert written == replace(said, text=said.whole_text, later=(), units=units)
    windows_hold(said, own)


def windows_hold(said: Regulations, own: list[Round]) -> None:
    """Hold that each window takes from its opening to just before its close."""
    for row, settings in zip(own, said.rounds, strict=True):
        schedule = schedules.read(row)
        spans = settings.windows or ((settings.opens_at, settings.closes_at),)
        wanted = [(hanoi(a), hanoi(b)) for a, b in spans]
        assert [(w.opens_at, w.closes_at) for w in schedule.windows] == wanted
        assert (row.opens_at, row.closes_at) == (wanted[0][0], wanted[-1][1])
        for opens_at, closes_at in wanted:
            probes = [opens_at - SECOND, opens_at, closes_at - SECOND, closes_at]
            assert [schedule.holding(at) is not None for at in probes] == [False, True, True, False]


WHOLE = """
slug = "day-du"
title = "Đủ mọi thứ"
publication = "approved"

[units]
criterion = "percent_and_prizes"
prize_points = { "Giải Nhất" = 10, "Khuyến khích" = "2.5" }
compared = "below"
below = "GOC"
divisions = { "Bảng A" = ["A"], "Bảng B" = ["B"] }

[round]
questions = [
  { topic = "Luật", difficulty = "recall", count = 2, section = 1, points = "2.5", way = "ladder", ladder = ["0.1", "1/4", 1] },
  { count = 2, penalty = "1/4", section = 2 },
  { question = "C-0005", points = 3, section = 2 },
]
navigation = "sequential"
sections = [{ title = "Phần I. Kiến thức chung", minutes = 5 }, { title = "Phần II. Luật" }]
question_seconds = 45
least_minutes = 3
layout = "one"
negative = "floored"
no_repeat = false
least_used = true
minutes = 20
attempts = 2
attempts_per = "window"
counted = "average"
prediction = "participants"
criteria = ["points", "prediction", "lot"]
shuffle_questions = false
shuffle_options = false
reveal = "nothing"
reveal_after_close = "score"
board = "hidden"
names_public = true
network_allowance = 0
every_day = [07:00:00, 00:00:00]

[[rounds]]
title = "Tuần 1"
opens_at = 2026-05-18T07:00:00
closes_at = 2026-05-20T17:30:00

[[rounds]]
title = "Tuần 2"
opens_at = 2026-05-25T07:00:00
closes_at = 2026-05-27T17:30:00
reveal = "score"
board = "frozen"
freezes_at = 2026-05-26T12:00:00
advance = { from = 1, by = "quota", quotas = { A = 3, "B" = 2 }, reserve = 1, compared_units = false }

[[rounds]]
title = "Chung kết"
opens_at = 2026-06-01T07:00:00
closes_at = 2026-06-02T00:00:00
advance = { from = "overall", by = "least_score", least_score = "7.5" }

[overall]
way = "best_k"
best = 1
criteria = ["points", "rounds_taken"]
rounds = [1, 2]

[[prizes]]
title = "Giải tuần"
over = "each"
for = "people"
edge = "lot"
cap = "0.5"
lines = [{ name = "Giải Nhất", count = 1 }, { name = "Khuyến khích", count = 10 }]

[[prizes]]
title = "Giải chung cuộc"
over = "overall"
for = "units"
edge = "all"
lines = [{ name = "Giải Nhất", count = 1, by = "ratio" }, { name = "Lan tỏa", count = 1, special = "widest" }]
"""


def test_everything_that_a_file_may_say_is_set_up_and_written_back(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    people.bank("ngan-hang", [people.question(n, topic=("Luật",)) for n in range(1, 6)])
    said = files.read(WHOLE.encode())
    loading.load(said, bank="ngan-hang", organiser="GOC", by=SYSTEM)
    written = writing.file_of("day-du", by=SYSTEM)
    assert files.read(written) == said
    assert [p.title for p in said.prizes] == [
        "Giải tuần, Tuần 1", "Giải tuần, Tuần 2", "Giải tuần, Chung kết", "Giải chung cuộc",
    ]  # fmt: skip
    assert [len(r.windows) for r in said.rounds] == [3, 3, 1]


@pytest.mark.parametrize(
    ("old", "new", "slug", "key"),
    [
        ('topic = "Luật"', 'topic = "Khác"', "settings-topic", "rounds[1].questions"),
        ('question = "C-0005"', 'question = "C-0009"', "question-fixed-unknown", "rounds[1].questions"),
        ('negative = "floored"', "", "line-refused", "rounds[1].questions"),
        ('ladder = ["0.1", ', "ladder = [1, ", "line-refused", "rounds[1].questions"),
        ("minutes = 5 }", "minutes = 21 }", "sections-too-long", "rounds[1].sections"),
        ('title = "Phần II. Luật"', 'title = "Phần I. Kiến thức chung"', "section-named-twice", "rounds[1].sections"),
        ("count = 2, section = 1", "count = 2, section = 3", "section-empty", "rounds[1].sections"),
        ('navigation = "sequential"', "", "seconds-without-sequence", "rounds[1].question_seconds"),
        ("least_minutes = 3", "least_minutes = 20", "least-minutes-too-many", "rounds[1].least_minutes"),
        ('layout = "one"', 'layout = "all"', "layout-against-sequence", "rounds[1].layout"),
        ("points = 3", "points = 0", "line-refused", "rounds[1].questions"),
        ("freezes_at = 2026-05-26T12", "freezes_at = 2026-05-29T12", "freeze-outside-window", "rounds[2].freezes_at"),
        ("quotas = { A = 3", "quotas = { X = 3", "unit-unknown", "rounds[2].advance.quotas"),
        ("from = 1, by", 'from = "overall", by', "advance-from-later", "rounds[2].advance.from"),
        ("best = 1", "best = 3", "overall-best-too-many", "overall.best"),
        ("cap = ", "cap = 2 #", "cap-range", "prizes[1].cap"),
        ('special = "widest"', 'special = "oldest"', "special-for-people", "prizes[4].lines"),
        (', "Khuyến khích" = "2.5"', "", "points-of-prize-missing", "units.prize_points"),
        ('"Bảng A" = ["A"]', '"Bảng A" = ["A9"]', "unit-not-compared", "units.divisions"),
        ('below = "GOC"', 'below = "X"', "unit-unknown", "units.below"),
    ],
)
def test_what_a_command_refuses_is_named_by_its_key_and_leaves_nothing(
    context: Flask, clock: Clock, old: str, new: str, slug: str, key: str
) -> None:
    people.organisation()
    people.bank("ngan-hang", [people.question(n, topic=("Luật",)) for n in range(1, 6)])
    assert old in WHOLE
    with pytest.raises(Invalid) as caught:
        loading.load(files.read(WHOLE.replace(old, new, 1).encode()), bank="ngan-hang", organiser="GOC", by=SYSTEM)
    refusal = caught.value.refusals[0]
    why = refusal.params["why"]
    assert isinstance(why, Refusal)
    assert (refusal.slug, why.slug, refusal.params["key"]) == ("settings-refused", slug, key)
    assert setup.list_contests(by=SYSTEM) == []


def test_moved_to_a_day_everything_keeps_its_weekday_and_hour() -> None:
    said = files.read(WHOLE.encode())
    moved = said.opening_on(date(2027, 3, 1))
    assert said.first_opening.weekday() == moved.first_opening.weekday() == 0
    times = [*(r.opens_at for r in moved.rounds), moved.rounds[1].freezes_at, *moved.rounds[1].windows[2]]
    assert [f"{at:%d/%m %H:%M}" for at in times if at] == [
        "01/03 07:00", "08/03 07:00", "15/03 07:00", "09/03 12:00", "10/03 07:00", "10/03 17:30",
    ]  # fmt: skip
    assert moved.opening_on(said.first_opening.date()) == said


def hanoi(at: datetime) -> datetime:
    return (at - timedelta(hours=7)).replace(tzinfo=UTC)


@both
def test_attempts_are_limited_as_written(house: None, clock: Clock, name: str) -> None:
    row = load(name)[0]
    who = people.member("m1")
    consents.write(name, people.CONSENT, seen=0, by=SYSTEM)
    publishing.publish(name, seen=people_version(name), by=SYSTEM)
    clock.set(row.opens_at - SECOND)
    assert refusal(row, who) == "round-not-open"
    clock.set(row.opens_at)
    allowed = row.attempts_allowed
    for _ in range(allowed or 5):
        assert refusal(row, who) is None
    if allowed is None:
        return
    per_day = row.attempts_per == "day"
    assert refusal(row, who) == ("attempts-used-up-for-now" if per_day else "attempts-used-up")
    clock.advance(days=1)
    assert refusal(row, who) == (None if per_day else "attempts-used-up")


def people_version(slug: str) -> int:
    return setup.get_contest(slug, by=SYSTEM).version


def refusal(row: Round, who: Actor) -> str | None:
    """Let somebody sit and hand in at once; return why they may not."""
    try:
        closing.submit(starting.start(row.code, by=who), {}, by=who, arrived=now())
    except Refused as refused:
        return refused.refusals[0].slug
    return None


@both
def test_who_stands_first_follows_the_order_of_criteria(name: str) -> None:
    """A has everything right with an error of 3 in 600 seconds, B with an error of 10 in 300."""
    criteria = read(name).rounds[0].criteria
    day = datetime(2021, 5, 10, tzinfo=UTC)

    def key(guess: int, seconds: int, correct: int = 20) -> bytes:
        until = day + timedelta(seconds=seconds)
        own = Achievement(1, correct, 20, Decimal(correct), guess, seconds, day, until)
        return rank_key(Merit(own, Decimal(correct), own.points, 1, 0, day), criteria, target=100)

    a, b, worse = key(103, 600), key(110, 300), key(100, 1, correct=19)
    assert ("A" if a < b else "B") == SAID[name][-1]
    assert worse > max(a, b)  # an exact guess and the shortest time never lift over a better score


def broken(old: str, new: str) -> list[tuple[str, object]]:
    """Return what is refused of a file in which something was replaced."""
    text = (FOLDER / "tld-2020.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(files.Broken) as caught:
        files.read(text.replace(old, new, 1).encode())
    return [(r.slug, r.params.get("key", r.params.get("line"))) for r in caught.value.refusals]


@pytest.mark.parametrize(
    ("old", "new", "slug", "where"),
    [
        ("questions = 20", "questions = ", "settings-broken", 16),
        ("questions = 20", "question = 20", "settings-missing", "rounds[1].questions"),
        ("questions = 20", "questions = [{ topic = 'Luật' }]", "settings-missing", "rounds[1].questions[1].count"),
        (
            "questions = 20",
            "questions = [{ count = 2, points = -1 }]",
            "settings-wrong",
            "rounds[1].questions[1].points",
        ),
        (
            "questions = 20",
            "questions = [{ count = 2, ladder = [0.5] }]",
            "settings-wrong",
            "rounds[1].questions[1].ladder",
        ),
        (
            "questions = 20",
            "questions = [{ count = 2, penalty = '1/0' }]",
            "settings-wrong",
            "rounds[1].questions[1].penalty",
        ),
        (
            "questions = 20",
            "questions = [{ count = 2, question = 'C-1' }]",
            "settings-wrong",
            "rounds[1].questions[1].count",
        ),
        ("minutes = 30", 'minutes = "30"', "settings-wrong", "round.minutes"),
        ("minutes = 30", "minutes = 601", "settings-wrong", "round.minutes"),
        ("attempts = 3", 'attempts = "many"', "settings-wrong", "round.attempts"),
        ('"prediction", "duration"', '"luck"', "settings-wrong", "round.criteria"),
        ('title = "Tuần 2"', f'title = "{"x" * 121}"', "settings-too-long", "rounds[2].title"),
        ('title = "Tuần 2"', 'title = "\\u0000"', "settings-bad-text", "rounds[2].title"),
        ('slug = "tld-2020"', 'slug = "TLĐ 2020"', "settings-wrong", "slug"),
        (
            'title = "Tuần 2"',
            'title = "Tuần 2"\nadvance = { from = 2, by = "top" }',
            "settings-wrong",
            "rounds[2].advance.from",
        ),
        (
            'title = "Tuần 2"',
            'title = "Tuần 2"\nadvance = { by = "top" }',
            "settings-missing",
            "rounds[2].advance.from",
        ),
        ("[round]", '[overall]\nway = "sum"\ncriteria = []\nrounds = [5]\n[round]', "settings-wrong", "overall.rounds"),
        (
            "[round]",
            '[[prizes]]\ntitle = "Giải"\nover = 5\nfor = "people"\nedge = "lot"\nlines = []\n[round]',
            "settings-wrong",
            "prizes[1].over",
        ),
        (
            "[round]",
            '[[prizes]]\ntitle = "Giải"\nover = "each"\nfor = "people"\nedge = "lot"\n'
            'lines = [{ name = "Nhất", count = 0 }]\n[round]',
            "settings-wrong",
            "prizes[1].lines[1].count",
        ),
        ("[units]", "[units]\nprize_points = { nhất = 1.5 }", "settings-broken", 12),
        ("[units]", '[units]\nprize_points = { "nhất" = 1.5 }', "settings-wrong", "units.prize_points.nhất"),
        ("[units]", "[units]\nbest = " + "9" * 5000, "settings-broken", 46),
        ("[units]", "[units]\nbest = " + "[" * 5000, "settings-broken", 46),
        ("T07:00:00", "T07:00:00Z", "settings-wrong", "rounds[1].opens_at"),
        ("2020-05-11T07", "2200-05-11T07", "settings-wrong", "rounds[1].opens_at"),
        ('slug = "', 'colour = "red"\nslug = "', "settings-unknown", "colour"),
        ("[units]", "[units]\ndepth = 1", "settings-unknown", "units.depth"),
        ('criterion = "participants"', 'criterion = "luck"', "settings-wrong", "units.criterion"),
        ("[units]", '[units]\nleast_score = "-1"', "settings-wrong", "units.least_score"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_line_or_key(old: str, new: str, slug: str, where: object) -> None:
    assert (slug, where) in broken(old, new)


def test_commands_load_and_write_the_same(app: Flask, database: str, clock: Clock, tmp_path: Path) -> None:
    with app.app_context():
        people.organisation()
        people.bank("ngan-hang")
    shell, path = Shell(app), str(FOLDER / "cdvcvn-2021.toml")
    load_it = ["contests", "load", path, "--bank", "ngan-hang", "--organiser", "GOC", "--json"]
    tried = {
        "contest": "cdvcvn-2021", "rounds": ["Tuần 1", "Tuần 2", "Tuần 3"], "later": LATER["cdvcvn-2021"],
        "dry_run": True,
    }  # fmt: skip
    assert shell.json(*load_it, "--dry-run") == tried
    with app.app_context():
        assert setup.list_contests(by=SYSTEM) == []
    assert shell.json(*load_it) == {**tried, "dry_run": False}
    written = shell("contests", "settings", "--contest", "cdvcvn-2021").stdout
    assert files.read(written.encode()).rounds == read("cdvcvn-2021").rounds
    assert "cdvcvn" not in shell.refused(*load_it)  # its address is taken now


def test_file_that_a_page_would_refuse_leaves_nothing(app: Flask, database: str, clock: Clock, tmp_path: Path) -> None:
    with app.app_context():
        people.organisation()
        people.bank("ngan-hang")
    text = (FOLDER / "tld-2020.toml").read_text(encoding="utf-8")
    path = tmp_path / "sai.toml"
    path.write_text(text.replace('"correct", "prediction"', '"prediction", "correct"'), encoding="utf-8")
    shell = Shell(app)
    load_it = ["contests", "load", str(path), "--organiser", "GOC", "--bank"]
    assert "dự đoán" in shell.refused(*load_it, "ngan-hang").lower()
    assert shell.refused(*load_it, "khong-co") == "Không có ngân hàng câu hỏi mang mã khong-co.\n"
