"""Media of banks: the same file is one medium, imports carry files and change nothing the second time, and all or nothing."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.errors import Forbidden, Invalid
from contest.formats.drafts import FileDraft, QuestionDraft, Reading
from contest.formats.moodle import read_moodle, write_moodle
from contest.formats.qti import DIALECTS
from contest.models.banks import QuestionVersion
from contest.models.media import Medium, MediumUse
from contest.rules.import_terms import Fate
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Kind
from contest.services import exchange as files_exchange
from contest.services import jobs
from contest.services.attempts import previews
from contest.services.banks import browsing, comparing, editing, exchange, imports, media
from tests import people
from tests.conftest import Clock
from tests.formats.test_media import HOSTILE, picture
from tests.formats.test_rich_questions import RICH
from tests.kinds import AUTOMATIC, sample

BANK = "ngan-hang"


@pytest.fixture
def bank(app: Flask, database: str, context: Flask, clock: Clock) -> int:
    people.organisation()
    return people.bank(BANK)


def count(model: type) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def take(found: exchange.Plan) -> None:
    imports.apply(BANK, found.items, by=SYSTEM, file="tep.xml", made=found.media)


def bring(draft: QuestionDraft, bank_id: int) -> exchange.Plan:
    """Import a question as a file does, and return what was planned."""
    found = exchange.plan(bank_id, Reading((draft,), ()))
    take(found)
    return found


def test_same_file_is_one_medium(bank: int) -> None:
    first = media.add(BANK, picture("PNG"), "Hình", by=SYSTEM)
    assert media.add(BANK, picture("PNG"), "Hình", by=SYSTEM) == first
    made = db.session.scalars(sa.select(Medium)).one()
    assert media.add(BANK, made.content, "Hình", by=SYSTEM) == first
    assert count(Medium) == 1


def test_only_authors_add_media(bank: int) -> None:
    with pytest.raises(Forbidden):
        media.add(BANK, picture("PNG"), "Hình", by=people.reviewer())


def test_import_stores_files_and_a_second_one_changes_nothing(bank: int) -> None:
    plan = bring(RICH, bank)
    assert (len(plan.new), plan.problems) == (1, ())
    stored = browsing.get_question(BANK, "a", by=SYSTEM).draft
    medium = db.session.scalars(sa.select(Medium)).one()
    assert stored.text == f"**Hình** nào?\n\n![Sơ đồ](media:{medium.name})"
    assert count(MediumUse) == 1
    again = bring(RICH, bank)
    assert (again.new, again.changed, len(again.unchanged)) == ((), (), 1)
    assert count(Medium) == 1


def test_moodle_out_and_in_again_changes_nothing(bank: int) -> None:
    bring(RICH, bank)
    data, problems = files_exchange.questions_file(BANK, "moodle", by=SYSTEM)
    assert b"@@PLUGINFILE@@" in data
    reading = read_moodle(data)
    found = exchange.plan(bank, reading)
    lost = {"difficulty": None, "explanation": ""}
    assert [d.code for d in found.unchanged if d.code == "a"] == ["a"], (lost, problems)
    assert found.media == {}


@pytest.mark.parametrize("form", list(DIALECTS))
def test_whole_bank_goes_out_as_qti_and_comes_into_another(bank: int, form: str) -> None:
    shown = media.add(BANK, picture("PNG", size=(400, 300)), "Bản đồ", by=SYSTEM)
    passage = sample(Kind.PASSAGE, "P-1", text=f"Xem hình:\n\n{shown}", rich=True, explanation="")
    areas = sample(Kind.HOTSPOT, text=f"Ở đâu?\n\n{shown}", passage="P-1")
    plain = [sample(kind, passage="P-1") for kind in AUTOMATIC if kind is not Kind.SHORT_TEXT]
    for draft in (passage, areas, sample(Kind.DESCRIPTION), sample(Kind.ESSAY), *plain):
        editing.save(BANK, draft, by=SYSTEM)
    data, problems = files_exchange.questions_file(BANK, form, by=SYSTEM)
    plan = files_exchange.plan_questions("ban-sao", files_exchange.Upload("x.zip", data), by=SYSTEM)
    imports.apply("ban-sao", plan.items, by=SYSTEM, file="x.zip", made=plan.media)
    assert (problems, plan.problems) == ((), ())
    told = [repr([exchange.as_data(d) for d in exchange.drafts(code, by=SYSTEM)]) for code in ("ban-sao", BANK)]
    there, here = (re.sub(r"media:[\w-]+", "media:", each) for each in told)  # each bank has names of its own
    assert (there, here.count("'passage': 'P-1'"), here.count("media:")) == (here, len(plain) + 1, 2)


@pytest.mark.parametrize("name", ["pixel flood", "cut short", "script"])
def test_question_whose_file_is_not_taken_is_left_out_with_the_reason(bank: int, name: str) -> None:
    data, slug = HOSTILE[name]
    broken = replace(RICH, files=(FileDraft(RICH.files[0].name, data),))
    plan = bring(broken, bank)
    assert (plan.new, [p.refusal.slug for p in plan.errors]) == ((), [slug])
    assert count(Medium) == 0


def test_reference_to_what_the_bank_has_not_is_a_problem_of_the_plan(bank: int) -> None:
    plan = exchange.plan(bank, Reading((replace(RICH, files=()),), ()))
    assert [p.refusal.slug for p in plan.errors] == ["media-elsewhere"]


def test_import_that_fails_stores_no_file(bank: int) -> None:
    plan = exchange.plan(bank, Reading((RICH,), ()))
    coded = tuple(replace(item, draft=replace(item.draft, code="C-0001")) for item in plan.items)
    with pytest.raises(Invalid):
        take(replace(plan, items=coded))
    assert (count(Medium), count(MediumUse)) == (0, 0)


def test_import_job_takes_pictures(app: Flask, bank: int) -> None:
    author = people.author()
    data = write_moodle([RICH])[0]
    code = files_exchange.ask_preview("questions-preview", files_exchange.Upload("a.xml", data), by=author, bank=BANK)
    worker.run_once(app)
    preview = jobs.get_job(code, of=author)
    assert (preview.outcome["counts"][Fate.NEW], preview.outcome["problems"]) == (1, [])
    files_exchange.ask_apply(preview, by=author)
    worker.run_once(app)
    assert count(Medium) == 1


def test_becoming_rich_is_a_change_that_shows(bank: int) -> None:
    draft = browsing.get_question(BANK, "C-0001", by=SYSTEM).draft
    editing.save(BANK, replace(draft, rich=True), question="C-0001", by=SYSTEM)
    found = comparing.compare(BANK, "C-0001", 1, 2, by=SYSTEM)
    assert (found.rich, found.is_same) == ((False, True), False)


def test_rich_text_never_changes_under_its_version(bank: int) -> None:
    with pytest.raises(sa.exc.DatabaseError):
        db.session.execute(sa.update(QuestionVersion).values(rich=True))
    db.session.rollback()
    bring(RICH, bank)
    for statement in (sa.update(Medium).values(content=b"x"), sa.delete(MediumUse)):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(statement)
        db.session.rollback()


def test_plain_data_says_whether_it_is_rich() -> None:
    assert exchange.as_data(RICH)["rich"] is True


def test_picture_that_is_not_stored_yet_is_seen_in_the_preview(bank: int) -> None:
    shown = previews.keyed(exchange.plan(bank, Reading((RICH,), ())).items[0].draft)
    assert "data:image/png;base64," in shown.text
    assert "/media/" not in shown.text
