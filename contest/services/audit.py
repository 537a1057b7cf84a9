"""The audit: every command leaves an entry in its own transaction; the worker chains entries in batches afterwards."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, after_commit, db, insertion, is_sqlite, rows, tell, transaction
from contest.gateways import metrics
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry, AuditSeal, AuditSealed
from contest.models.banks import Bank, Question
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.terms import mark

_SAID = ("at", "actor_id", "action", "object_kind", "object_id", "details")
_RECORD = insertion(AuditEntry, *_SAID)


def record(action: str, kind: str, object_id: int | None, *, by: Actor, at: datetime, **details: Any) -> None:
    """Append an entry inside the caller's transaction."""
    tell(_RECORD, dict(zip(_SAID, (at, by.member_id, action, kind, object_id, details), strict=True)))
    _count(action)


def _count(action: str) -> None:
    after_commit(partial(metrics.count, "hoithi_actions", action))


class Recorded:
    """An insertion of one row, or of none, that leaves an entry: on PostgreSQL in one statement, else in two."""

    def __init__(self, build: Callable[[], Any], *, member: str) -> None:
        self._insert = Frozen(build, member=member)
        self._both = Frozen(lambda: _with_entry(build()), member=member)

    def tell(
        self, params: Mapping[str, Any], action: str, kind: str, *, by: Actor, at: datetime, **details: Any
    ) -> bool:
        """Insert inside the caller's transaction; False where the statement's own conditions did not let it."""
        if is_sqlite():
            if tell(self._insert, params) != 1:
                return False
            record(action, kind, None, by=by, at=at, **details)
            return True
        said = zip(_SAID, (at, by.member_id, action, kind, None, details), strict=True)
        if tell(self._both, {**params, **{f"entry_{name}": value for name, value in said}}) != 1:
            return False
        _count(action)
        return True


def _with_entry(insertion: Any) -> Any:
    columns = AuditEntry.__table__.c
    said = [sa.bindparam(f"entry_{name}", type_=columns[name].type) for name in _SAID]
    done = insertion.returning(sa.literal_column("1").label("done")).cte("done")
    return sa.insert(AuditEntry).from_select(_SAID, sa.select(*said).select_from(done), include_defaults=False)


BATCH = 1000  # few enough that no save waits long for them where there is one writer
LATELY = 10_000  # entries back from the latest that is sealed, among which one may have been committed late


def seal(at: datetime, *, batch: int = BATCH, everything: bool = False) -> int:
    """Chain the entries not yet sealed under one digest and return how many there were.

    They are looked for among the latest alone unless `everything` is looked through, which takes the longer the more
    there are.
    """
    latest = sa.select(sa.func.coalesce(sa.func.max(AuditSealed.entry_id), 0)).scalar_subquery()
    unsealed = sa.select(AuditEntry.id).where(~sa.exists().where(AuditSealed.entry_id == AuditEntry.id))
    if not everything:
        unsealed = unsealed.where(AuditEntry.id > latest - LATELY)
    found = list(db.session.scalars(unsealed.order_by(AuditEntry.id).limit(batch)))
    if not found:
        return 0
    with transaction(shared=False):
        query = sa.select(AuditEntry).where(AuditEntry.id.in_(found)).order_by(AuditEntry.id)
        entries = list(db.session.scalars(query))
        last = db.session.scalar(sa.select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
        digest = _digest(last.digest if last else "", entries)
        seal_row = AuditSeal(count=len(entries), digest=digest, sealed_at=at)
        db.session.add(seal_row)
        db.session.flush()
        sealed = [{"entry_id": e.id, "seal_id": seal_row.id, "digest": _digest("", [e])} for e in entries]
        db.session.execute(sa.insert(AuditSealed), sealed)
    return len(entries)


def verify() -> tuple[str, ...]:
    """Recompute the chain and return what is wrong with it, naming seal and entry; nothing means intact."""
    problems: list[str] = []
    previous = ""
    for seal_row in db.session.scalars(sa.select(AuditSeal).order_by(AuditSeal.id)):
        found = (
            sa.select(AuditEntry, AuditSealed.digest)
            .join(AuditSealed, AuditSealed.entry_id == AuditEntry.id)
            .where(AuditSealed.seal_id == seal_row.id)
            .order_by(AuditEntry.id)
        )
        sealed = rows(found.execution_options(populate_existing=True))
        entries = [e for e, _ in sealed]
        if len(entries) != seal_row.count:
            problems.append(f"seal {seal_row.id}: {seal_row.count - len(entries)} entries missing")
        elif _digest(previous, entries) != seal_row.digest:
            problems += _changed(seal_row, sealed)
        previous = seal_row.digest
    return tuple(problems)


def _changed(seal_row: AuditSeal, sealed: list[sa.Row[Any]]) -> list[str]:
    """Name the entries that differ from their own digests; without one, the chain alone tells that the seal is broken."""
    changed = [e.id for e, digest in sealed if digest not in (None, _digest("", [e]))]
    if not changed:
        return [f"seal {seal_row.id}: entries {sealed[0][0].id} to {sealed[-1][0].id} were changed"]
    return [f"seal {seal_row.id}: entry {entry_id} was changed" for entry_id in changed]


ACTIONS: dict[str, str] = {
    "attempt-started": mark("Bắt đầu làm bài"),
    "attempt-submitted": mark("Nộp bài"),
    "attempt-expired": mark("Hết giờ, hệ thống nộp bài"),
    "bank-created": mark("Tạo ngân hàng câu hỏi"),
    "question-saved": mark("Lưu câu hỏi"),
    "question-submit": mark("Gửi duyệt câu hỏi"),
    "question-return": mark("Trả lại câu hỏi"),
    "question-commented": mark("Nhận xét câu hỏi"),
    "question-approved": mark("Duyệt câu hỏi"),
    "source-marked": mark("Ghi thay đổi của một căn cứ"),
    "source-confirmed": mark("Xác nhận câu hỏi vẫn đúng"),
    "question-retired": mark("Ngừng dùng câu hỏi"),
    "questions-imported": mark("Nhập câu hỏi từ tệp"),
    "import-undone": mark("Hoàn tác một lần nhập"),
    "media-stored": mark("Lưu hình hoặc âm thanh"),
    "likeness-searched": mark("Tìm câu trùng và mâu thuẫn"),
    "questions-told-apart": mark("Ghi hai câu không phải một câu"),
    "contest-created": mark("Tạo cuộc thi"),
    "contest-changed": mark("Sửa cuộc thi"),
    "advancement-chosen": mark("Chọn ai được vào vòng"),
    "advancement-proposed": mark("Lập danh sách được vào vòng"),
    "advancement-confirmed": mark("Xác nhận danh sách được vào vòng"),
    "advanced-withdrawn": mark("Ghi người rút khỏi vòng"),
    "advanced-called-up": mark("Gọi người dự bị vào vòng"),
    "overall-chosen": mark("Chọn cách xếp hạng chung cuộc"),
    "overall-computed": mark("Tính xếp hạng chung cuộc"),
    "contest-units-chosen": mark("Chọn đơn vị tham gia"),
    "entrants-marked": mark("Ghi danh sách dự thi, xét giải"),
    "entrant-changed": mark("Sửa phần dự thi, xét giải của một người"),
    "registration-chosen": mark("Chọn cách đăng ký dự thi"),
    "entry-code-renewed": mark("Cấp mã dự thi mới"),
    "consent-text-written": mark("Sửa nội dung xin đồng ý"),
    "consent-given": mark("Đồng ý xử lý dữ liệu cá nhân"),
    "consent-withdrawn": mark("Rút lại sự đồng ý"),
    "registered": mark("Đăng ký dự thi"),
    "contest-published": mark("Công bố cuộc thi"),
    "contest-archived": mark("Lưu trữ cuộc thi"),
    "round-added": mark("Thêm vòng thi"),
    "round-changed": mark("Sửa vòng thi"),
    "round-removed": mark("Xóa vòng thi"),
    "papers-tried": mark("Rút thử đề"),
    "paper-tried": mark("Làm thử một đề"),
    "papers-printed": mark("In đề giấy"),
    "window-extended": mark("Gia hạn khung giờ"),
    "extra-time-granted": mark("Cộng thời gian ở một vòng thi"),
    "extra-time-set": mark("Đặt thời gian cộng thêm của một người"),
    "extra-time-removed": mark("Bỏ thời gian cộng thêm của một người"),
    "extra-times-imported": mark("Nhập thời gian cộng thêm từ tệp"),
    "void-made": mark("Hủy khung giờ hoặc lượt thi"),
    "void-restored": mark("Rút lại việc hủy"),
    "announced": mark("Ra thông báo"),
    "round-settled": mark("Tính kết quả vòng thi"),
    "mark-given": mark("Chấm một câu trả lời"),
    "marking-finished": mark("Chốt điểm chấm"),
    "question-corrected": mark("Sửa câu hỏi sau vòng thi"),
    "result-checked": mark("Kiểm tra kết quả"),
    "result-approved": mark("Phê duyệt kết quả"),
    "result-published": mark("Công bố kết quả"),
    "result-withdrawn": mark("Rút lại phiên bản kết quả"),
    "prizes-set-up": mark("Lập danh sách giải thưởng"),
    "awards-moved-on": mark("Chuyển bước danh sách giải"),
    "winner-verified": mark("Xác minh người được giải"),
    "draw-prepared": mark("Chuẩn bị bốc thăm"),
    "lots-drawn": mark("Bốc thăm"),
    "organisation-founded": mark("Thiết lập tổ chức"),
    "organisation-changed": mark("Sửa cài đặt tổ chức"),
    "administrator-founded": mark("Lập tài khoản quản trị đầu tiên"),
    "unit-changed": mark("Sửa đơn vị"),
    "unit-moved": mark("Chuyển đơn vị"),
    "unit-merged": mark("Sáp nhập đơn vị"),
    "unit-split": mark("Tách đơn vị"),
    "headcount-accepted": mark("Chấp nhận số đoàn viên cho cuộc thi"),
    "divisions-chosen": mark("Chia bảng đơn vị"),
    "people-imported": mark("Nhập đoàn viên từ tệp"),
    "member-entered": mark("Thêm đoàn viên"),
    "member-changed": mark("Sửa đoàn viên"),
    "member-suspended": mark("Khóa tài khoản"),
    "member-restored": mark("Mở lại tài khoản"),
    "accounts-invited": mark("Cấp mã kích hoạt"),
    "account-opened": mark("Mở tài khoản bằng mã kích hoạt"),
    "password-reset": mark("Đặt lại mật khẩu bằng thư"),
    "password-changed": mark("Đổi mật khẩu"),
    "reset-sent": mark("Gửi thư đặt lại mật khẩu"),
    "role-given": mark("Giao vai trò"),
    "role-taken": mark("Thu lại vai trò"),
    "signed-out": mark("Đăng xuất"),
    "signed-out-everywhere": mark("Đăng xuất mọi thiết bị"),
}

# By what name people know an object of each kind.
_NAMES: dict[str, tuple[Any, Any]] = {
    "member": (Member.id, Member.full_name),
    "unit": (Unit.id, Unit.name),
    "contest": (Contest.id, Contest.title),
    "round": (Round.id, Round.title),
    "bank": (Bank.id, Bank.name),
    "question": (Question.id, Question.code),
}


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as it is read: who (None for the system itself), what, to what, and the plain details."""

    id: int
    at: datetime
    who: str | None
    action: str
    object_name: str
    details: Mapping[str, Any]
    is_sealed: bool


def list_newest(before: int | None = None, limit: int = 100) -> list[EntryView]:
    """Return entries from the newest on, continuing before an id, with names where objects have any."""
    query = (
        sa.select(AuditEntry, Member.full_name, AuditSealed.seal_id)
        .outerjoin(Member, Member.id == AuditEntry.actor_id)
        .outerjoin(AuditSealed, AuditSealed.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id.desc())
    )
    found = rows((query.where(AuditEntry.id < before) if before else query).limit(limit))
    names = _names_of([entry for entry, _, _ in found])
    return [
        EntryView(
            e.id, e.at, who, e.action, names.get((e.object_kind, e.object_id), ""), e.details, seal_id is not None
        )
        for e, who, seal_id in found
    ]


def _names_of(entries: Sequence[AuditEntry]) -> dict[tuple[str, int | None], str]:
    """Return (kind, id) → name of the objects of entries that have one, asking once."""
    ids: dict[str, set[int]] = {}
    for e in entries:
        if e.object_id is not None:
            ids.setdefault(e.object_kind, set()).add(e.object_id)
    parts = [
        sa.select(sa.literal(kind), key, name).where(key.in_(ids[kind]))
        for kind, (key, name) in _NAMES.items()
        if kind in ids
    ]
    if "attempt" in ids:
        owners = sa.select(sa.literal("attempt"), Attempt.id, Member.full_name).join_from(
            Attempt, Member, Member.id == Attempt.member_id
        )
        parts.append(owners.where(Attempt.id.in_(ids["attempt"])))
    return {(r[0], r[1]): r[2] for r in db.session.execute(sa.union_all(*parts))} if parts else {}


def _digest(previous: str, entries: list[AuditEntry]) -> str:
    digest = hashlib.sha256(previous.encode())
    for e in entries:
        line = [e.id, e.at.isoformat(), e.actor_id, e.action, e.object_kind, e.object_id, e.details]
        digest.update(json.dumps(line, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()
