"""Setting registration up: what is asked and of whom, the consent text, the entry code with its printable page, the list."""

from datetime import datetime
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid, NotFound
from contest.forms import registration as forms
from contest.rules.entry_terms import RegistrationField, RegistrationWay
from contest.rules.permissions import manage_contests
from contest.rules.registration import Asked
from contest.services.contests import consents, entry_codes, registration_setup, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("registration_setup", __name__, url_prefix="/manage/contests")


def _to(endpoint: str, slug: str) -> Response:
    return make_response(redirect(url_for(endpoint, slug=slug), 303))


@blueprint.route("/<slug>/registration", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    asked = registration_setup.find_asked(contest.id)
    form = filled.read(
        forms.RegistrationSetup,
        registers=asked is not None,
        way=(asked.way if asked else RegistrationWay.MEMBERS).value,
        fields=[f.value for f in asked.fields] if asked else [],
        needed=[f.value for f in asked.required] if asked else [],
    )
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                has_mail = bool(current_app.config["SETTINGS"].smtp_url)
                registration_setup.choose(slug, _asked(form), has_mail=has_mail, seen=seen(), by=actor)
                return _to("setup.show", slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "way")
                status = status_of(refused)
    return page(
        "registration_setup/edit.html",
        "setup",
        contest=contest,
        form=form,
        text=consents.find_text(contest.id),
        code=entry_codes.find_current(contest.id),
        registered=registration_setup.list_registered(contest).total,
        status=status,
    )


def _asked(form: forms.RegistrationSetup) -> Asked | None:
    """Return what was chosen; a field that nobody may leave out is asked for too."""
    if not form.registers.data:
        return None
    needed = frozenset(RegistrationField(v) for v in form.needed.data or [])
    fields = tuple(f for f in RegistrationField if f in needed or f.value in (form["fields"].data or []))
    return Asked(RegistrationWay(form.way.data), fields, needed)


@blueprint.route("/<slug>/consent", methods=["GET", "POST"])
@policy(manage_contests)
def consent(slug: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    text = consents.find_text(contest.id)
    shown = {name: getattr(text, name) for name in consents.PARTS} if text else _suggested()
    form = filled.read(forms.ConsentTexts, **shown)
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                consents.write(slug, dict(form.data), seen=seen(), by=actor)
                return _to("setup.show", slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "collected")
                status = status_of(refused)
    return page("registration_setup/consent.html", "setup", contest=contest, form=form, text=text, status=status)


def _suggested() -> dict[str, str]:
    """Return a first text to be made one's own; nothing of it holds before somebody has saved it."""
    _ = speech().text
    return {
        "collected": _(
            "Họ tên, ngày sinh, đơn vị; những mục khác ghi trong phiếu đăng ký; bài làm, điểm và thời gian làm bài."
        ),
        "why": _("Tổ chức cuộc thi, xếp hạng, xác minh và trao giải. Không dùng vào việc khác."),
        "seen_by": _(
            "Ban Tổ chức, giám khảo và cán bộ công đoàn quản lý đơn vị. Người dự thi khác thấy họ tên, đơn vị, kết quả."
        ),
        "kept_for": _("12 tháng sau ngày trao giải, rồi xóa hoặc làm cho không còn nhận ra người."),
        "rights": _("Được xem, sửa, rút lại sự đồng ý và yêu cầu xóa. Ban Tổ chức trả lời trong hai ngày làm việc."),
    }


@blueprint.route("/<slug>/entry-code", methods=["GET", "POST"])
@policy(manage_contests)
def code(slug: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    form = filled.read(forms.EntryCodeForm)
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                begins, ends = (_instant(f.moment) for f in (form.valid_from, form.valid_until))
                entry_codes.renew(slug, begins, ends, by=actor)
                flash(speech().text("Đã có mã mới. Mã trước đó không dùng được nữa."), "ok")
                return _to("registration_setup.code", slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "valid_until")
                status = status_of(refused)
    found = entry_codes.find_current(contest.id)
    return page(
        "registration_setup/code.html",
        "setup",
        contest=contest,
        form=form,
        code=found,
        link=_link(slug, found.secret) if found else "",
        picture=_picture(slug, found.secret) if found else "",
        status=status,
    )


def _instant(local: datetime | None) -> datetime | None:
    return local.replace(tzinfo=ZoneInfo(speech().zone)) if local is not None else None


def _link(slug: str, secret: str) -> str:
    return url_for("registrations.register", slug=slug, entry=secret, _external=True)


def _picture(slug: str, secret: str) -> str:
    """Return the QR picture of the link as data that an image may hold; dark on light in either theme, to be scanned."""
    made = segno.make(_link(slug, secret), error="m", micro=False)
    return str(made.svg_data_uri(scale=6, border=3, light="#fff"))


@blueprint.get("/<slug>/entry-code/print")
@policy(manage_contests)
def printed(slug: str) -> Response:
    contest = setup.get_contest(slug, by=current_actor())
    found = entry_codes.find_current(contest.id)
    if found is None:
        raise NotFound
    return page(
        "registration_setup/print.html", "setup", contest=contest, code=found, picture=_picture(slug, found.secret)
    )


@blueprint.get("/<slug>/registrations")
@policy(manage_contests)
def index(slug: str) -> Response:
    contest = setup.get_contest(slug, by=current_actor())
    search = request.args.get("q", "")[:100]
    found = registration_setup.list_registered(contest, search=search, after=request.args.get("after", ""))
    return page("registration_setup/index.html", "setup", contest=contest, found=found, wanted=search)


@blueprint.get("/<slug>/registrations/<code>")
@policy(manage_contests)
def person(slug: str, code: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    who, written = registration_setup.get_registered(slug, code, by=actor)
    return page("registration_setup/person.html", "setup", contest=contest, who=who, written=written)
