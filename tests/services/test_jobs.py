"""Long work: each job is one worker's alone, ends with its owner told, and is judged by the rights held when it runs."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import autocommit, db, is_sqlite, rows, transaction
from contest.errors import Closed, Gone, NotFound
from contest.formats.drafts import MemberDraft
from contest.formats.tables import write_members, write_questions
from contest.models.advancement import Advancement
from contest.models.attempts import Attempt
from contest.models.banks import Question
from contest.models.contests import Round
from contest.models.entrants import ContestPerson
from contest.models.files import File, FilePart
from contest.models.jobs import Job
from contest.models.likenesses import PairSearch
from contest.models.members import ExtraTime, Member, RoleGrant, Token
from contest.models.results import SettlementStep
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.entry_terms import EntrantMark
from contest.rules.import_terms import JobState
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from contest.services import exchange, files, jobs
from contest.services.attempts import closing, simulating
from contest.services.contests import entrant_jobs, entrant_lists
from contest.services.corrections import proposing
from contest.services.jobs import Done
from contest.services.members import people as service
from contest.services.results import approval, settlement
from tests import people
from tests.conftest import Clock

WORKERS = 4
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def owner(context: Flask, database: str, clock: Clock) -> Actor:
    people.organisation()
    people.bank()
    return people.administrator()


def ask(kind: str, by: Actor, **payload: Any) -> str:
    with transaction():
        return jobs.ask(kind, payload, by=by, at=worker.clock.now())


def ask_bank(by: Actor) -> str:
    return ask("questions-export", by, bank="ngan-hang", format="csv")


def count(table: Any, *where: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def states() -> list[str]:
    return list(db.session.scalars(sa.select(Job.state).order_by(Job.id)))


def at_once(app: Flask, work: Callable[[], Any]) -> list[Any]:
    """Let several workers do the same at the same moment, each in a context of its own."""
    ready = Barrier(WORKERS)

    def one(_: int) -> Any:
        with app.app_context():
            ready.wait(30)
            return work()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


# Claiming


def test_each_job_is_claimed_once_by_workers_at_once(app: Flask, owner: Actor) -> None:
    for _ in range(40):
        ask_bank(owner)
    ids = list(db.session.scalars(sa.select(Job.id).order_by(Job.id)))

    def claim_all() -> list[int]:
        mine = []
        while count(Job, Job.state == JobState.WAITING):
            job = jobs.claim(worker.clock.now())
            mine += [job.id] if job else []
        return mine

    claimed = at_once(app, claim_all)
    assert sorted(i for mine in claimed for i in mine) == ids
    assert all(mine == sorted(mine) for mine in claimed)  # the oldest first
    assert states() == [JobState.RUNNING] * 40


def test_workers_at_once_leave_each_job_done_with_one_file(app: Flask, owner: Actor) -> None:
    codes = [ask_bank(owner) for _ in range(12)]

    def until_done() -> None:
        while count(Job, Job.state != JobState.DONE):
            worker.run_once(app)

    at_once(app, until_done)
    assert [jobs.get_job(code, of=owner).state for code in codes] == [JobState.DONE] * 12
    assert count(File) == len({jobs.get_job(code, of=owner).file_code for code in codes}) == 12


def test_abandoned_job_is_taken_up_again_once(app: Flask, owner: Actor, clock: Clock) -> None:
    ask_bank(owner)
    begun = clock.at
    first = jobs.claim(clock.at)
    assert first is not None
    clock.set(begun + jobs.ABANDONED)
    assert jobs.claim(clock.at) is None
    clock.advance(microseconds=1)
    again = [job.id for job in at_once(app, lambda: jobs.claim(clock.at)) if job]
    assert again == [first.id]
    assert jobs.claim(clock.at) is None
    started = db.session.scalars(sa.select(Job.started_at)).one()
    assert started == clock.at


def test_what_is_over_is_not_taken_up_again(owner: Actor, app: Flask, clock: Clock) -> None:
    ask_bank(owner)
    ask("no-such-kind", owner)
    worker.run_once(app)
    clock.advance(days=365)
    assert jobs.claim(clock.at) is None
    assert states() == [JobState.DONE, JobState.FAILED]


# What comes of a job


def test_refused_and_failing_jobs_tell_their_owner_and_hold_up_nobody(
    app: Flask, owner: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(job: Job, settings: object) -> Done:
        raise Closed(Refusal("round-closed", {"closes_at": clock.at}))

    def fail_halfway(job: Job, settings: object) -> Done:
        with transaction():
            db.session.execute(sa.update(Member).values(full_name="Nửa chừng"))
            raise ZeroDivisionError("mật khẩu của cơ sở dữ liệu")

    monkeypatch.setitem(worker.JOBS, "refused", refuse)
    monkeypatch.setitem(worker.JOBS, "failing", fail_halfway)
    refused, failing, unknown, fine = (
        ask("refused", owner),
        ask("failing", owner),
        ask("no-such", SYSTEM),
        ask_bank(owner),
    )
    clock.advance(minutes=3)
    worker.run_once(app)
    seen = [jobs.get_job(code, of=owner) for code in (refused, failing, fine)]
    assert [view.state for view in seen] == [JobState.FAILED, JobState.FAILED, JobState.DONE]
    assert all(view.is_over and view.finished_at == clock.at for view in seen)
    told = {"slug": "round-closed", "params": {"closes_at": "2026-05-20 05:03:00+00:00"}, "field": None}
    assert seen[0].outcome == {"refusals": [told]}
    assert seen[1].outcome == {"refusals": [{"slug": "server-error", "params": {}}]}  # and nothing of the reason
    assert jobs.get_job(unknown, of=SYSTEM).outcome == seen[1].outcome
    assert count(Member, Member.full_name == "Nửa chừng") == 0
    assert (seen[2].outcome["name"], seen[2].file_code is not None) == ("ngan-hang.csv", True)


def crowd(number: int) -> bytes:
    drafts = [MemberDraft(f"n{i:05d}", f"Trần Văn {i}", None, None, None, None, "B1") for i in range(number)]
    return write_members(drafts, format="csv")


def test_progress_is_seen_while_the_job_is_running(
    app: Flask, owner: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look from another connection, on SQLite, whose one writer is the job itself, before it breathes."""
    code = exchange.ask_preview("people-preview", exchange.Upload("danh-sach.csv", crowd(1200)), by=owner)
    worker.run_once(app)
    again = exchange.ask_apply(jobs.get_job(code, of=owner), by=owner)
    seen: list[tuple[int, ...]] = []
    say, engine = jobs.progress, autocommit(db.engine)

    def look(job_id: int) -> tuple[int, ...]:
        entered = sa.select(sa.func.count()).select_from(Member).where(Member.code.like("n0%")).scalar_subquery()
        with engine.connect() as another:
            return tuple(another.execute(sa.select(Job.done, Job.total, entered).where(Job.id == job_id)).one())

    def watched(job_id: int, done: int, total: int) -> None:
        say(job_id, done, total)
        with ThreadPoolExecutor(1) as elsewhere:
            seen.append(elsewhere.submit(look, job_id).result(30))

    monkeypatch.setattr(jobs, "progress", watched)
    worker.run_once(app)
    assert jobs.get_job(again, of=owner).state is JobState.DONE
    on_sqlite = [(0, 0, 0), (500, 1200, 500), (1000, 1200, 1000)]
    assert seen == (on_sqlite if is_sqlite() else [(500, 1200, 0), (1000, 1200, 0), (1200, 1200, 0)])
    assert count(Member, Member.code.like("n0%")) == 1200


# Whose it is, and who may


def test_job_and_its_file_are_their_owners_alone(app: Flask, owner: Actor) -> None:
    code = ask_bank(owner)
    worker.run_once(app)
    made = jobs.get_job(code, of=owner).file_code or ""
    for stranger in (people.administrator("quantri2"), people.member("m1"), SYSTEM):
        for wanted in (code, "khong-co"):
            with pytest.raises(NotFound) as unseen:
                jobs.get_job(wanted, of=stranger)
            assert unseen.value.refusals == (Refusal("not-found"),)
        with pytest.raises(NotFound):
            files.find(made, of=stranger)
    assert files.find(made, of=owner).name == "ngan-hang.csv"


def upload(kind: str, data: bytes, by: Actor, **payload: Any) -> str:
    return exchange.ask_preview(kind, exchange.Upload("danh-sach.csv", data), by=by, **payload)


def confirm(app: Flask, preview: str, by: Actor) -> str:
    worker.run_once(app)
    return exchange.ask_apply(jobs.get_job(preview, of=by), by=by)


def questions() -> bytes:
    return write_questions([people.question(9)], format="csv")


def extra_times() -> bytes:
    return "Mã đoàn viên,Số phút,Lý do\nnguoi-thi,10,Mắt kém\n".encode()


def ask_advanced(by: Actor) -> str:
    """Confirm an empty list for the contest's round, and ask for it."""
    confirmed = {"by": AdvanceBy.TOP, "least_score": Decimal(), "quotas": {}, "confirmed_at": worker.clock.now()}
    with transaction():
        round_id = people.round_row(round_code()).id
        db.session.execute(sa.insert(Advancement).values(round_id=round_id, **confirmed))
    return ask("advanced-export", by, contest="cuoc-thi", round=round_code(), format="csv", locale="vi")


MANDATORY = entrant_lists.Said(EntrantMark.MANDATORY, None, "")
ORDERS: dict[str, Callable[[Flask, Actor], str]] = {
    "people-preview": lambda app, by: upload("people-preview", crowd(2), by),
    "people-import": lambda app, by: confirm(app, upload("people-preview", crowd(2), by), by),
    "questions-preview": lambda app, by: upload("questions-preview", questions(), by, bank="ngan-hang"),
    "questions-import": lambda app, by: confirm(
        app, upload("questions-preview", questions(), by, bank="ngan-hang"), by
    ),
    "questions-likeness": lambda app, by: ask("questions-likeness", by, bank="ngan-hang"),
    "questions-export": lambda app, by: ask_bank(by),
    "results-export": lambda app, by: ask(
        "results-export", by, contest="cuoc-thi", round=None, format="csv", locale="vi"
    ),
    "units-export": lambda app, by: ask(
        "units-export", by, contest="cuoc-thi", round=None, today=False, format="csv", locale="vi"
    ),
    "results-evidence": lambda app, by: ask("results-evidence", by, contest="cuoc-thi", round=round_code()),
    "advanced-export": lambda app, by: ask_advanced(by),
    "marks-export": lambda app, by: ask(
        "marks-export", by, contest="cuoc-thi", round=round_code(), format="csv", locale="vi"
    ),
    "extra-times-preview": lambda app, by: upload("extra-times-preview", extra_times(), by),
    "extra-times-import": lambda app, by: confirm(app, upload("extra-times-preview", extra_times(), by), by),
    "entrants-preview": lambda app, by: entrant_jobs.ask_pasted("cuoc-thi", "nguoi-thi", MANDATORY, by=by),
    "entrants-import": lambda app, by: confirm(
        app, entrant_jobs.ask_pasted("cuoc-thi", "nguoi-thi", MANDATORY, by=by), by
    ),
    "papers-preview": lambda app, by: simulating.ask("cuoc-thi", round_code(), 1, by=by),
    "results-check": lambda app, by: approval.ask_check("cuoc-thi", round_code(), 1, by=by),
    "results-correction": lambda app, by: proposing.ask(
        "cuoc-thi", round_code(), asked(), Remedy.FULL_CREDIT, [], "Đề sai", by=by
    ),
    "invitations": lambda app, by: ask("invitations", by, unit="A", by_mail=False, base_url="http://x", locale="vi"),
}


def evidence() -> tuple[int, ...]:
    """Count whatever an order could leave behind."""
    kept = count(File, File.name.not_like("danh-sach.%"))
    marked = count(ContestPerson), count(ExtraTime), count(PairSearch)
    return count(Member), count(Question), count(Token), kept, count(SettlementStep), *marked


def round_code() -> str:
    return db.session.scalars(sa.select(Round.code)).one()


def asked() -> int:
    """Return a question that the paper of the settled round has."""
    paper = db.session.scalars(sa.select(Attempt.paper)).one()
    return int(paper[0][0])


def settle(clock: Clock) -> None:
    """Let somebody hand in an empty paper, and settle the round."""
    code, who = round_code(), people.member("nguoi-thi")
    closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)
    row = people.round_row(code)
    clock.set(row.closes_at)
    settlement.settle(row.id)


def take_roles(code: str) -> None:
    member = people.actor(code).member_id
    with transaction():
        db.session.execute(sa.delete(RoleGrant).where(RoleGrant.member_id == member))


def suspend(code: str) -> None:
    service.suspend(code, suspended=True, by=SYSTEM)


@pytest.fixture
def desk(owner: Actor, clock: Clock) -> Actor:
    """Enter somebody who may order everything, with a contest to export and a person without a password to invite."""
    people.contest(bank_id=db.session.scalars(sa.select(people.Bank.id)).one())
    settle(clock)
    service.enter({"code": "moi", "full_name": "Người Mới"}, unit="A1", by=SYSTEM)
    return people.administrator("van-phong")


def test_orders_cover_every_kind_that_somebody_can_ask_for() -> None:
    assert {*ORDERS, "forgotten-password"} == set(worker.JOBS)


@pytest.mark.parametrize("kind", ORDERS)
def test_order_is_carried_out_for_whoever_still_may(app: Flask, desk: Actor, kind: str) -> None:
    before, code = evidence(), ORDERS[kind](app, desk)
    assert jobs.get_job(code, of=desk).kind == kind
    worker.run_once(app)
    assert jobs.get_job(code, of=desk).state is JobState.DONE
    assert (evidence() == before) is kind.endswith("preview")


@pytest.mark.parametrize("loss", [take_roles, suspend])
@pytest.mark.parametrize("kind", ORDERS)
def test_right_is_judged_again_when_the_job_runs(
    app: Flask, desk: Actor, kind: str, loss: Callable[[str], None]
) -> None:
    before, code = evidence(), ORDERS[kind](app, desk)
    loss("van-phong")
    worker.run_once(app)
    job = jobs.get_job(code, of=desk)
    assert (job.state, job.file_code) == (JobState.FAILED, None)
    assert [r["slug"] for r in job.outcome["refusals"]] in (["forbidden"], ["not-found"])
    assert evidence() == before


def test_order_for_a_unit_that_is_no_longer_ones_own_is_refused(app: Flask, owner: Actor) -> None:
    by = people.organiser("don-vi", "A")
    service.enter({"code": "moi", "full_name": "Người Mới"}, unit="A1", by=SYSTEM)
    before, code = evidence(), ORDERS["invitations"](app, by)
    take_roles("don-vi")
    service.give_role("don-vi", people.Role.ORGANISER, by=SYSTEM, unit_id=people.unit_id("B"))
    worker.run_once(app)
    assert [r["slug"] for r in jobs.get_job(code, of=by).outcome["refusals"]] == ["not-found"]
    assert evidence() == before


# The life of a file


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25])
@pytest.mark.parametrize("is_stream", [True, False])
def test_file_is_kept_in_parts_and_comes_back_whole(
    owner: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch, size: int, is_stream: bool
) -> None:
    monkeypatch.setattr(files, "PART", 10)
    data = bytes(range(size))
    with transaction():
        blob = files.Blob("a.bin", "application/zip", BytesIO(data) if is_stream else data)
        kept = files.store(blob, owner=owner, at=clock.at)
    found = files.find(kept.code, of=owner)
    assert (found.size, kept.sha256) == (size, hashlib.sha256(data).hexdigest())
    parts = list(found.parts)
    assert (b"".join(parts), files.get_content(kept.id)) == (data, data)
    assert [len(part) for part in parts] == [10] * (size // 10) + [size % 10] * (size % 10 > 0)


def test_files_of_jobs_expire_and_are_swept(app: Flask, owner: Actor, clock: Clock) -> None:
    preview = upload("people-preview", crowd(1), owner)
    code = ask_bank(owner)
    worker.run_once(app)
    made, begun = jobs.get_job(code, of=owner).file_code or "", clock.at
    with transaction():
        logo = files.store(files.Blob("logo.png", "image/png", b"lasting"), owner=owner, at=begun, life=None).code
    clock.set(begun + files.LIFE - MOMENT)
    assert files.find(made, of=owner).content.startswith("\ufeff".encode())
    clock.set(begun + files.LIFE)
    with pytest.raises(Gone) as over:
        files.find(made, of=owner)
    assert over.value.refusals == (Refusal("file-expired"),)
    assert files.sweep(begun + 2 * files.LIFE) == 0
    clock.set(begun + 2 * files.LIFE + MOMENT)
    assert files.sweep(clock.at) == 2  # the upload of the preview and the export
    assert files.sweep(clock.at) == 0
    found = {r[0]: (r[1], files.get_content(r[2])) for r in rows(sa.select(File.name, File.size, File.id))}
    assert found == {"danh-sach.csv": (0, b""), "ngan-hang.csv": (0, b""), "logo.png": (7, b"lasting")}
    assert count(FilePart) == 1
    with pytest.raises(Gone):
        files.find(made, of=owner)
    assert files.find(logo, of=owner).content == b"lasting"
    again = exchange.ask_apply(jobs.get_job(preview, of=owner), by=owner)
    before = evidence()
    worker.run_once(app)
    assert jobs.get_job(again, of=owner).state is JobState.FAILED  # the list is no longer there to be carried out
    assert evidence() == before


def test_worker_sweeps_files_windows_and_sessions(app: Flask, owner: Actor, clock: Clock) -> None:
    ask_bank(owner)
    worker.run_once(app)
    clock.advance(days=3)
    worker._sweep()
    assert db.session.scalars(sa.select(File.size)).all() == [0]
