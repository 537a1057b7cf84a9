"""Imports as one thing: seen whole before, chosen from, on record, and undone as a whole without undoing anybody's work."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, is_sqlite, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import QuestionDraft, Reading
from contest.formats.tables import write_questions
from contest.models.audit import AuditEntry
from contest.models.banks import Question, QuestionVersion, VersionComment
from contest.models.imports import Import, ImportedVersion, ImportItem
from contest.models.keys import AnswerKey
from contest.models.sources import SourceConfirmation, SourceMark
from contest.models.uses import VersionUse
from contest.rules.import_terms import TAKEN, Fate, JobState, Staying
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Kind, VersionState
from contest.rules.terms import Role
from contest.services import exchange, jobs
from contest.services.banks import browsing, editing, history, imports, previews, reviewing, shelf, undoing
from contest.services.banks import exchange as bank_exchange
from tests import people
from tests.conftest import Clock
from tests.kinds import sample

BANK = "nganhang"


def said(number: int, text: str, **values: Any) -> QuestionDraft:
    return replace(people.question(number, **values), text=text)


def turned(draft: QuestionDraft) -> QuestionDraft:
    """Return a question with another key."""
    weights = (Decimal(0), Decimal(1))
    return replace(
        draft,
        options=(
            *(replace(o, weight=w) for o, w in zip(draft.options, weights, strict=False)),
            *draft.options[2:],
        ),
    )


FIRST = said(1, "Công đoàn Việt Nam được thành lập vào ngày tháng năm nào?")
SECOND = said(2, "Ai là người sáng lập tờ báo Thanh niên của cách mạng nước ta?")
FILE = [
    FIRST,
    replace(SECOND, explanation="Rõ hơn", tags=("mới",)),
    turned(replace(FIRST, code="M-1")),
    replace(SECOND, code="M-2", text=f"{SECOND.text} Chọn một."),
    said(9, "Luật Công đoàn năm 2024 có bao nhiêu chương và bao nhiêu điều?"),
]
FATES = [Fate.UNCHANGED, Fate.CHANGED, Fate.CONTRADICTING, Fate.NEAR, Fate.NEW]


@pytest.fixture
def author(context: Flask, database: str, clock: Clock) -> Actor:
    people.organisation()
    people.bank(BANK, [FIRST, SECOND])
    return people.author()


def plan(drafts: Iterable[QuestionDraft]) -> bank_exchange.Plan:
    return bank_exchange.plan(bank_exchange.find_bank(BANK), Reading(tuple(drafts), ()))


def take(drafts: Sequence[QuestionDraft], by: Actor) -> int:
    return imports.apply(BANK, plan(drafts).items, by=by, file="cau-hoi.xlsx")


def preview(app: Flask, by: Actor, drafts: Sequence[QuestionDraft] = FILE) -> str:
    """Upload a file, let the worker look at it, and return the code of the job."""
    upload = exchange.Upload("cau-hoi.xlsx", write_questions(drafts, format="xlsx"))
    code = exchange.ask_preview("questions-preview", upload, by=by, bank=BANK)
    worker.run_once(app)
    return code


def carry_out(app: Flask, code: str, by: Actor) -> jobs.JobView:
    done = exchange.ask_apply(jobs.get_job(code, of=by), by=by)
    worker.run_once(app)
    return jobs.get_job(done, of=by)


def state(*codes: str) -> dict[str, tuple[int, str, str]]:
    """Return code → number, state and text of the current version."""
    query = sa.select(Question.code, QuestionVersion.number, QuestionVersion.state, QuestionVersion.text)
    query = query.where(Question.bank_id == bank_exchange.find_bank(BANK))
    found = rows(query.join(QuestionVersion, QuestionVersion.id == Question.current_id))
    return {r[0]: (r[1], r[2], r[3]) for r in found if not codes or r[0] in codes}


def count(table: Any, *where: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


# What a file would do


def test_every_question_has_its_fate_and_what_it_rests_on(author: Actor) -> None:
    found = plan(FILE).items
    assert [i.fate for i in found] == FATES
    assert [i.like_code for i in found] == ["C-0001", "C-0002", "C-0001", "C-0002", None]
    assert [i.former_id is not None for i in found] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("of_rich", "comes_rich", "guided", "stays"),
    [
        (False, False, "Ý 1: 2 *điểm*", "Ý 1: 2 *điểm*"),
        (True, True, "Ý 1: 2 *điểm*", "Ý 1: 2 *điểm*"),
        (True, False, "Ý 1: 2 *điểm*", "Ý 1: 2 điểm"),
        (False, True, "Ý 1: 2 *điểm*", "Ý 1: 2 \\*điểm\\*"),
    ],
)
def test_guidance_that_a_file_does_not_tell_stays_and_says_the_same(
    author: Actor, of_rich: bool, comes_rich: bool, guided: str, stays: str
) -> None:
    known = sample(Kind.ESSAY, "V-1", rich=of_rich, guidance=guided)
    take([known], author)
    (found,) = plan([replace(known, rich=comes_rich, guidance="", text=f"{known.text} Mới.")]).items
    assert (found.fate, found.draft.guidance) == (Fate.CHANGED, stays)


def test_likeness_within_a_file_names_the_place_in_the_file(author: Actor) -> None:
    new = replace(FILE[4], code=None)
    found = plan([new, new, turned(new)]).items
    assert [(i.fate, i.like_code, i.like_position) for i in found] == [
        (Fate.NEW, None, None),
        (Fate.NEAR, None, 1),
        (Fate.CONTRADICTING, None, 1),
    ]


def test_same_words_without_a_code_and_another_key_contradict_and_are_not_suggested(author: Actor) -> None:
    found = plan([turned(replace(FIRST, code=None)), replace(SECOND, code=None, explanation="Rõ hơn")])
    assert [(i.fate, i.like_code) for i in found.items] == [(Fate.CONTRADICTING, "C-0001"), (Fate.CHANGED, "C-0002")]
    assert [i.like_code for i in found.suggested] == ["C-0002"]
    imports.apply(BANK, found.items, by=author, file="f")
    assert state()["C-0001"][:2] == (2, "in_review")


# Choosing


def test_preview_keeps_every_question_with_what_is_suggested_ticked(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    groups = previews.groups(code, of=author)
    assert list(groups) == list(Fate)
    assert {fate: g.chosen for fate, g in groups.items()} == {f: f in TAKEN for f in Fate}
    (shown,) = previews.list_items(code, Fate.CONTRADICTING, 1, of=author)
    assert (shown.draft.code, shown.like_code, shown.like and shown.like.code) == ("M-1", "C-0001", "C-0001")
    assert shown.comparison is not None
    assert [o.is_changed for o in shown.comparison.options][:3] == [True, True, False]


def test_only_what_is_chosen_is_taken(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    previews.choose(code, [2, 3], [3], of=author)
    previews.choose_all(code, Fate.NEW, taken=False, of=author)
    previews.choose_all(code, Fate.UNCHANGED, taken=True, of=author)  # there is nothing to take
    done = carry_out(app, code, author)
    assert (done.state, done.outcome["counts"]) == (JobState.DONE, {"new": 2, "changed": 0})
    assert {c: s[0] for c, s in state().items()} == {"C-0001": 1, "C-0002": 1, "M-1": 1, "M-2": 1}


def test_nothing_chosen_is_nothing_to_ask_for(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    for fate in Fate:
        previews.choose_all(code, fate, taken=False, of=author)
    with pytest.raises(Invalid):
        exchange.ask_apply(jobs.get_job(code, of=author), by=author)


def test_choice_that_moved_after_it_was_confirmed_imports_nothing(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    done = exchange.ask_apply(jobs.get_job(code, of=author), by=author)
    previews.choose_all(code, Fate.CONTRADICTING, taken=True, of=author)
    worker.run_once(app)
    assert jobs.get_job(done, of=author).outcome["refusals"][0]["slug"] == "file-changed"
    assert count(Import) == 0


@pytest.mark.parametrize("moved", ["M-2", "C-0009", "C-0002"])
def test_bank_that_moved_under_a_chosen_question_stops_the_import(app: Flask, author: Actor, moved: str) -> None:
    code = preview(app, author)
    new = said(50, "Một câu hỏi hoàn toàn khác về điều lệ của tổ chức?")
    if moved == "C-0002":
        editing.save(BANK, replace(SECOND, explanation="Khác"), question="C-0002", by=author)
    else:
        editing.save(BANK, replace(new, code=moved), by=author)
    before = state()
    assert carry_out(app, code, author).outcome["refusals"][0]["slug"] == "file-changed"
    assert state() == before


def test_bank_that_moved_elsewhere_does_not(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    editing.save(BANK, said(50, "Một câu hỏi hoàn toàn khác về điều lệ của tổ chức?"), by=author)
    editing.save(BANK, replace(FIRST, explanation="Khác"), question="C-0001", by=author)  # no chosen one rests on it
    assert carry_out(app, code, author).state is JobState.DONE


def test_preview_is_carried_out_once(app: Flask, author: Actor) -> None:
    code = preview(app, author)
    assert carry_out(app, code, author).state is JobState.DONE
    before = state()
    assert carry_out(app, code, author).outcome["refusals"][0]["slug"] == "file-changed"
    assert (state(), count(Import)) == (before, 1)


def test_preview_is_its_owners_alone(app: Flask, author: Actor) -> None:
    code, other = preview(app, author), people.author("khac")
    for call in (previews.groups, previews.choice):
        with pytest.raises(NotFound):
            call(code, of=other)
    with pytest.raises(NotFound):
        previews.choose_all(code, Fate.NEW, taken=False, of=other)


def test_preview_is_forgotten_after_its_days(app: Flask, author: Actor, clock: Clock) -> None:
    preview(app, author)
    clock.advance(days=2)
    assert previews.sweep(clock.at) == 0
    clock.advance(microseconds=1)
    assert previews.sweep(clock.at) == len(FILE)
    assert count(ImportItem) == 0


def test_questions_without_a_code_get_one_that_nobody_has(author: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 2)
    new = [said(n, f"{word} gồm những ai và họ làm những việc gì?") for n, word in enumerate("Một Hai Ba Bốn".split())]
    take(
        [replace(new[0], code=None), replace(new[1], code="C-0004"), *(replace(d, code=None) for d in new[2:])], author
    )
    assert sorted(state()) == ["C-0001", "C-0002", "C-0004", "C-0005", "C-0006", "C-0007"]
    assert state("C-0004")["C-0004"][2] == new[1].text


# Undoing


def undo(number: int, by: Actor) -> tuple[list[str], ...]:
    """Undo an import and return what was removed, restored and kept."""
    done = undoing.undo(BANK, number, seen=undoing.look(BANK, number, by=by).seal, by=by)
    return tuple(done[name] for name in ("removed", "restored", "kept"))


def test_import_is_on_record_with_what_it_made(author: Actor) -> None:
    assert take(FILE, author) == 1
    (made,) = imports.list_imports(BANK, by=author)
    assert (made.number, made.name, made.by, made.counts) == (
        1,
        "cau-hoi.xlsx",
        "Nguyễn Thị SOANTHAO",
        {"new": 3, "changed": 1, "unchanged": 1},
    )
    assert count(ImportedVersion) == 4
    assert take(FILE[:1], author) == 0  # nothing was there to be taken
    assert take([said(77, "Điều lệ Công đoàn gồm những phần nào trong văn bản?")], author) == 2


def test_undoing_an_import_nobody_touched_leaves_the_bank_as_it_was(author: Actor) -> None:
    def bank() -> tuple[Any, ...]:
        listed = browsing.list_questions(BANK, browsing.Filters(), by=author)
        own = sa.select(Question.current_id, Question.approved_id, Question.topic_id, Question.difficulty)
        exact = rows(own.where(Question.current_id.is_not(None)).order_by(Question.id))
        drafts = browsing.drafts_of(bank_exchange.find_bank(BANK) or 0)
        return drafts, exact, [r.code for r in listed.rows], listed.total, shelf.list_banks(by=author)

    before = bank()
    take(FILE, author)
    found = undoing.look(BANK, 1, by=author)
    assert ([m.code for m in found.removed], [m.code for m in found.restored]) == (["C-0009", "M-1", "M-2"], ["C-0002"])
    assert undo(1, author) == (["C-0009", "M-1", "M-2"], ["C-0002"], [])
    assert bank() == before
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "import-undone")).one()
    assert entry.details == {"of_import": 1, "removed": ["C-0009", "M-1", "M-2"], "restored": ["C-0002"], "kept": []}


def test_undone_version_stays_in_the_history_and_the_next_one_comes_after_it(author: Actor) -> None:
    take(FILE, author)
    undo(1, author)
    states = [(v.number, v.state) for v in history.list_versions(BANK, "C-0002", by=author)]
    assert states == [(2, VersionState.RETIRED), (1, VersionState.APPROVED)]
    editing.save(BANK, replace(SECOND, explanation="Khác"), question="C-0002", seen=1, by=author)
    assert state("C-0002")["C-0002"][:2] == (3, "draft")


def test_withdrawn_question_is_nowhere_and_its_code_is_free(author: Actor) -> None:
    take(FILE, author)
    undo(1, author)
    reviewer = people.reviewer()
    for call in (
        lambda: browsing.get_question(BANK, "C-0009", by=author),
        lambda: reviewing.approve(BANK, ["C-0009"], by=reviewer),
        lambda: reviewing.retire(BANK, ["C-0009"], by=reviewer),
        lambda: editing.save(BANK, FILE[4], question="C-0009", by=author),
    ):
        with pytest.raises(NotFound):
            call()
    assert browsing.find_near(BANK, FILE[4].text, by=author) is None
    assert [i.fate for i in plan(FILE).items] == FATES
    assert take(FILE, author) == 2
    assert state("C-0009")["C-0009"] == (2, "in_review", FILE[4].text)
    assert undo(2, author) == (["C-0009", "M-1", "M-2"], ["C-0002"], [])


def test_undoing_twice_is_undoing_once(author: Actor) -> None:
    take(FILE, author)
    seen = undoing.look(BANK, 1, by=author).seal
    first = undoing.undo(BANK, 1, seen=seen, by=author)
    assert undoing.undo(BANK, 1, seen=seen, by=author) == first
    assert count(AuditEntry, AuditEntry.action == "import-undone") == 1


@pytest.mark.parametrize("why", Staying)
def test_what_somebody_has_done_since_stays(author: Actor, clock: Clock, why: Staying) -> None:
    take([FILE[4], FILE[3]], author)
    reviewer = people.reviewer()
    clock.advance(minutes=1)
    touch(why, reviewer, author, clock)
    found = undoing.look(BANK, 1, by=author)
    assert [(m.code, m.why) for m in found.kept] == [("C-0009", why)]
    assert undo(1, author) == (["M-2"], [], ["C-0009"])
    assert set(state()) == {"C-0001", "C-0002", "C-0009"}


def touch(why: Staying, reviewer: Actor, author: Actor, clock: Clock) -> None:
    if why is Staying.APPROVED:
        reviewing.approve(BANK, ["C-0009"], by=reviewer)
    elif why is Staying.RETURNED:
        reviewing.step(BANK, "C-0009", "return", by=reviewer)
    elif why is Staying.RETIRED:
        reviewing.retire(BANK, ["C-0009"], by=reviewer)
    elif why is Staying.EDITED:
        editing.save(BANK, replace(FILE[4], explanation="Vì vậy"), question="C-0009", by=author)
    elif why is Staying.COMMENTED:
        history.comment(BANK, "C-0009", 1, "Có chắc không?", by=reviewer)
    elif why is Staying.CONFIRMED:
        confirm("C-0009", clock)
    else:
        draw("C-0009", clock)


def confirm(code: str, clock: Clock) -> None:
    question = db.session.scalars(sa.select(Question).where(Question.code == code)).one()
    with transaction():
        mark = SourceMark(
            bank_id=question.bank_id,
            source="Điều 1",
            change="amended",
            changed_on=None,
            note="",
            by_id=None,
            at=clock.at,
        )
        db.session.add(mark)
        db.session.flush()
        db.session.add(SourceConfirmation(mark_id=mark.id, question_id=question.id, by_id=None, at=clock.at))


def draw(code: str, clock: Clock) -> None:
    people.contest("cuoc-thi")
    version = db.session.scalars(sa.select(Question.current_id).where(Question.code == code)).one()
    with transaction():
        db.session.add(VersionUse(version_id=version, round_id=1, paper_count=1, last_at=clock.at))


def test_undoing_asks_again_where_something_moved_since_it_was_looked_at(author: Actor) -> None:
    take(FILE, author)
    seen = undoing.look(BANK, 1, by=author).seal
    reviewing.approve(BANK, ["C-0009"], by=people.reviewer())
    before = state()
    with pytest.raises(Conflict):
        undoing.undo(BANK, 1, seen=seen, by=author)
    assert state() == before
    assert undo(1, author) == (["M-1", "M-2"], ["C-0002"], ["C-0009"])


def test_what_papers_draw_is_not_touched_by_undoing(author: Actor) -> None:
    approved = rows(sa.select(Question.code, Question.approved_id).order_by(Question.code))
    take([replace(SECOND, topic=("Khác",), explanation="Rõ hơn")], author)
    undo(1, author)
    assert rows(sa.select(Question.code, Question.approved_id).order_by(Question.code)) == approved


def test_topic_of_a_question_that_was_never_approved_goes_back_too(author: Actor) -> None:
    draft = said(5, "Đoàn viên có những quyền nào theo Điều lệ hiện hành?", topic=("Quyền",))
    editing.save(BANK, draft, submit=True, by=author)
    place = sa.select(Question.topic_id, Question.difficulty).where(Question.code == "C-0005")
    before = rows(place)
    take([replace(draft, topic=("Nghĩa vụ",))], author)
    assert rows(place) != before
    undo(1, author)
    assert rows(place) == before
    assert state("C-0005")["C-0005"][:2] == (1, "in_review")


def test_later_import_is_undone_before_the_one_it_built_on(author: Actor) -> None:
    take([FILE[4]], author)
    take([replace(FILE[4], explanation="Vì vậy")], author)
    assert [m.why for m in undoing.look(BANK, 1, by=author).kept] == [Staying.EDITED]
    assert undo(2, author) == ([], ["C-0009"], [])
    assert undo(1, author) == (["C-0009"], [], [])


def test_undoing_is_for_authors_of_that_bank_alone(author: Actor) -> None:
    take(FILE, author)
    seen = undoing.look(BANK, 1, by=author).seal
    with pytest.raises(Forbidden):
        undoing.undo(BANK, 1, seen=seen, by=people.reviewer())
    other = people.staff("rieng", Role.AUTHOR, bank_id=people.bank("rieng"))
    for call in (imports.get_import, undoing.look):
        with pytest.raises(NotFound):
            call(BANK, 1, by=other)
    with pytest.raises(NotFound):
        undoing.undo(BANK, 1, seen=seen, by=other)
    with pytest.raises(NotFound):
        undoing.undo("rieng", 1, seen=seen, by=other)


def test_import_that_fails_half_way_leaves_nothing_or_what_can_be_undone(
    author: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, items = state(), plan(FILE).items
    real, calls = editing.add_versions, []

    def failing(*args: Any, **more: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Conflict
        real(*args, **more)

    monkeypatch.setattr(imports, "AT_ONCE", 2)
    monkeypatch.setattr(editing, "add_versions", failing)
    with pytest.raises(Conflict):
        imports.apply(BANK, items, by=SYSTEM, file="f")
    if is_sqlite():  # the part before it is there, in review, and goes back
        assert (count(Import), count(QuestionVersion, QuestionVersion.state == VersionState.IN_REVIEW)) == (1, 2)
        undo(1, author)
        assert state() == before
        return
    assert (state(), count(Import), count(AnswerKey)) == (before, 0, 2)
    assert count(QuestionVersion, QuestionVersion.state == VersionState.IN_REVIEW) == 0
    assert count(VersionComment) == 0
