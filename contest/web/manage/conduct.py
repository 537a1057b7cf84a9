"""Conducting a round on its day: extend, grant extra time, void and take back, announce. Each is shown, then confirmed."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from wtforms import Form

from contest import clock
from contest.errors import Conflict, Invalid, Refused
from contest.forms import conduct as forms
from contest.rules.permissions import manage_contests, see_papers_of_others
from contest.rules.refusals import Refusal
from contest.rules.windows import Window
from contest.services.attempts import conduct, extending, live, queueing, voiding
from contest.services.contests import announcements
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page
from contest.web.manage.windows import instant, local

blueprint = Blueprint("conduct", __name__, url_prefix="/manage/contests/<slug>/rounds/<code>/conduct")


@blueprint.get("")
@policy(manage_contests)
def show(slug: str, code: str) -> Response:
    return _page(slug, code)


@blueprint.get("/live")
@policy(manage_contests)
def show_live(slug: str, code: str) -> Response:
    contest, row = voiding.own_round(slug, code, by=current_actor())
    return page("conduct/live.html", "setup", round=row, **_live(contest, row))


@blueprint.get("/live/now")
@policy(manage_contests)
def live_now(slug: str, code: str) -> str:
    """Show the figures alone, for the page that asks again and again."""
    contest, row = voiding.own_round(slug, code, by=current_actor())
    return render_template("conduct/_live.html", **_live(contest, row))


def _live(contest: Any, row: Any) -> dict[str, Any]:
    found = live.live_of(contest, row, clock.now(), current_app.extensions["cache"])
    return {"contest": contest, "live": found, "may_open": see_papers_of_others(current_actor())}


def _page(slug: str, code: str, *, status: int = 200, **refused: Form) -> Response:
    """Show the round on its day, with the form that was refused as it was filled in."""
    contest, row = voiding.own_round(slug, code, by=current_actor())
    windows = conduct.list_windows(row, clock.now())
    current = next((w for w in windows if w.window.closes_at > clock.now()), windows[-1])
    blank: dict[str, Form] = {
        "extension": _blank(forms.Extension, window=str(current.number), closes_at=local(current.window.closes_at)),
        "extra_time": _blank(forms.ExtraTime),
        "voiding": _blank(forms.Voiding, receipt=request.args.get("receipt", "")),
        "announcement": _blank(forms.Announcement),
    }
    shown = blank | refused
    for name, form in shown.items():  # several forms of one page: what is called alike needs ids of its own
        for field in form:
            field.id = f"{name}-{field.name}"
    spans = [(s.opens_at.isoformat(), said(s)) for s in voiding.list_spans(row)]
    choosing: Any = shown["voiding"]["span"]
    choosing.choices = [("", speech().text("Chưa chọn")), *spans]
    return page(
        "conduct/show.html",
        "setup",
        contest=contest,
        round=row,
        windows=windows,
        voids=conduct.list_voids(row),
        grants=conduct.list_grants(row),
        told=announcements.list_for_organisers(contest),
        running=conduct.count_running(row),
        queueing=queueing.count_waiting(row.id, clock.now()),
        now=clock.now(),
        status=status,
        said=said,
        **{f"{name}_form": form for name, form in shown.items()},
    )


def _blank(kind: type[Form], **values: Any) -> Form:
    """Return a form of the page that was not sent, labelled in the reader's language."""
    form = kind(data=values)
    field: Any
    for field in form:
        field.label.text = speech().text(field.label.text) if field.label.text else ""
        if getattr(field, "choices", None):
            field.choices = [(value, speech().text(text)) for value, text in field.choices]
    return form


def said(span: Window) -> str:
    """Return a span in words: 07:00 Thứ hai, 18/5/2026 – 24:00."""
    return speech().text(
        "%(from)s đến %(to)s", **{"from": speech().moment(span.opens_at), "to": speech().moment(span.closes_at)}
    )


def _refused(slug: str, code: str, name: str, form: Form, refused: Refused, default: str) -> Response:
    filled.refuse(form, refused, default)
    return _page(slug, code, status=status_of(refused), **{name: form})


def _confirm(contest: Any, row: Any, form: Form, what: str, facts: list[tuple[str, str]], **more: Any) -> Response:
    """Show what an act would do and in which words it is announced; nothing has been done yet."""
    kept = [(f.name, f.data or "") for f in form if f.name not in {"announcement"}]
    return page("conduct/confirm.html", "setup", contest=contest, round=row, form=form, what=what, facts=facts, kept=kept,
                action=request.path, **{"effect": None, "is_told": True, **more})  # fmt: skip


def _is_confirmed() -> bool:
    return request.form.get("confirm") == "1"


def _done(slug: str, code: str, text: str) -> Response:
    flash(text, "ok")
    return make_response(redirect(url_for("conduct.show", slug=slug, code=code), 303))


def _moved(count: int) -> str:
    return speech().plural(
        "%(num)s lượt đang làm được thêm thời gian.", "%(num)s lượt đang làm được thêm thời gian.", count
    )


@blueprint.post("/extension")
@policy(manage_contests)
def extend(slug: str, code: str) -> Response:
    contest, row = voiding.own_round(slug, code, by=current_actor())
    form = filled.read(forms.Extension)
    is_valid = filled.is_valid(form)
    number, closes_at = filled.whole(form.window.data or "") or 0, instant(form.closes_at.moment)
    if not is_valid or closes_at is None:
        return _page(slug, code, status=422, extension=form)
    window = extending.find_window(row, number)
    try:
        if not _is_confirmed():
            extending.check(row, window, closes_at, clock.now())
            form.announcement.data = announcements.draft_extension(row, window, closes_at)
            facts = [
                (speech().text("Đóng lúc"), speech().moment(window.closes_at)),
                (speech().text("Giờ đóng mới"), speech().moment(closes_at)),
                (speech().text("Lượt đang làm"), speech().number(conduct.count_running(row))),
            ]
            return _confirm(contest, row, form, speech().text("Gia hạn"), facts)
        words = {"reason": form.reason.data or "", "announcement": form.announcement.data or ""}
        count = extending.extend(slug, code, number, closes_at, **words, by=current_actor())
    except (Invalid, Conflict) as refused:
        return _refused(slug, code, "extension", form, refused, "closes_at")
    return _done(slug, code, speech().text("Đã gia hạn.") + " " + _moved(count))


@blueprint.post("/extra-time")
@policy(manage_contests)
def grant(slug: str, code: str) -> Response:
    contest, row = voiding.own_round(slug, code, by=current_actor())
    form = filled.read(forms.ExtraTime)
    if not filled.is_valid(form):
        return _page(slug, code, status=422, extra_time=form)
    whom = {form.whom.data: form.target.data or ""} if form.whom.data != "all" else {}
    minutes = form.minutes.data or 0
    try:
        if not _is_confirmed():
            target = extending.find_target(contest, **whom)
            unit, person = target.unit, target.member
            form.announcement.data = announcements.draft_extra_time(row, minutes, unit.name if unit else None)
            name = unit.name if unit else person.full_name if person else speech().text("Mọi người dự thi")
            facts = [(speech().text("Cho ai"), name), (speech().text("Số phút cộng thêm"), speech().number(minutes)),
                     (speech().text("Lượt đang làm trong vòng"), speech().number(conduct.count_running(row)))]  # fmt: skip
            return _confirm(contest, row, form, speech().text("Cộng thời gian"), facts, is_told=person is None)
        words = {"reason": form.reason.data or "", "announcement": form.announcement.data or ""}
        count = extending.grant(slug, code, minutes, **whom, **words, by=current_actor())
    except (Invalid, Conflict) as refused:
        for refusal in refused.refusals:
            form.target.errors = [*form.target.errors, speech().said(refusal)]
        return _page(slug, code, status=status_of(refused), extra_time=form)
    return _done(slug, code, speech().text("Đã cộng thời gian.") + " " + _moved(count))


@blueprint.post("/voids")
@policy(manage_contests)
def void(slug: str, code: str) -> Response:
    contest, row = voiding.own_round(slug, code, by=current_actor())
    form = filled.read(forms.Voiding)
    if not filled.is_valid(form):
        return _page(slug, code, status=422, voiding=form)
    wanted = {"opens_at": form.span.data or "", "receipt": form.receipt.data or ""}
    try:
        if not _is_confirmed():
            chosen = voiding.choose(row, **wanted)
            effect = voiding.effect_of(row, chosen)
            if chosen.span is not None:
                form.announcement.data = announcements.draft_void(row, chosen.span, gives_back=effect.tries_back > 0)
            name = said(chosen.span) if chosen.span else form.receipt.data or ""
            facts = [(speech().text("Hủy"), name), (speech().text("Lý do"), form.reason.data or "")]
            told = chosen.span is not None
            return _confirm(contest, row, form, speech().text("Hủy"), facts, effect=effect, is_told=told)
        words = {"reason": form.reason.data or "", "announcement": form.announcement.data or ""}
        count = voiding.void(slug, code, **wanted, **words, by=current_actor())
    except (Invalid, Conflict) as refused:
        return _refused(slug, code, "voiding", form, refused, "span")
    return _done(slug, code, speech().plural("Đã hủy %(num)s lượt thi.", "Đã hủy %(num)s lượt thi.", count))


@blueprint.post("/restoration")
@policy(manage_contests)
def restore(slug: str, code: str) -> Response:
    contest, row = voiding.own_round(slug, code, by=current_actor())
    form = filled.read(forms.Restoration)
    void_id = filled.whole(form.void.data or "") or 0
    try:
        found = voiding.find_void(row, void_id)
        if not filled.is_valid(form):
            raise Invalid(Refusal("bad-text", field="announcement"))
        if not _is_confirmed():
            span = Window(found.opens_at, found.closes_at) if found.opens_at and found.closes_at else None
            form.announcement.data = announcements.draft_restoration(row, span) if span else ""
            name = said(span) if span else speech().text("Một lượt thi")
            facts = [(speech().text("Rút lại việc hủy"), name), (speech().text("Lý do đã hủy"), found.reason)]
            return _confirm(contest, row, form, speech().text("Rút lại việc hủy"), facts, is_told=span is not None)
        count = voiding.restore(slug, code, void_id, announcement=form.announcement.data or "", by=current_actor())
    except (Invalid, Conflict) as refused:
        flash(speech().said(refused.refusal), "warn")
        return _page(slug, code, status=status_of(refused))
    return _done(
        slug, code, speech().plural("%(num)s lượt thi được tính lại.", "%(num)s lượt thi được tính lại.", count)
    )


@blueprint.post("/announcements")
@policy(manage_contests)
def announce(slug: str, code: str) -> Response:
    voiding.own_round(slug, code, by=current_actor())
    form = filled.read(forms.Announcement)
    if not filled.is_valid(form):
        return _page(slug, code, status=422, announcement=form)
    announcements.announce(slug, None if form.whole.data else code, form.text.data or "", by=current_actor())
    return _done(slug, code, speech().text("Đã ra thông báo."))
