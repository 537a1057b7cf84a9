"""Ways in and out, one's own page, and the first visit."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import escape
from wtforms import Form

from contest.config import Settings
from contest.errors import Gone, Invalid, NotFound, Refused, TooMany
from contest.forms import accounts as forms
from contest.rules.permissions import Actor, take_part
from contest.services import organisation
from contest.services.members import entry, people, sessions, setup
from contest.services.members.sessions import new_session_id
from contest.web import filled, pages
from contest.web.context import speech
from contest.web.gate import address, begin_session, current_actor, find_actor, policy, public
from contest.web.navigation import safe_next
from contest.web.slots import slot

blueprint = Blueprint("accounts", __name__)
_DEVICE_LIFE = 180 * 86400


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="known-device")


def _device_cookie() -> str:
    return "__Host-device" if _settings().is_https else "hoithi-device"


def _known_device() -> tuple[str, int] | None:
    """Return the device's id and the member who signed in from it before, if its signed cookie says so."""
    try:
        device, member_id = _devices().loads(request.cookies.get(_device_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device), int(member_id)


def _enter(actor: Actor, target: str, greeting: str = "") -> Response:
    """Sign the actor in, remember the device, and go on to a page that says the greeting."""
    begin_session(actor)
    if greeting:
        flash(greeting, "ok")
    response = make_response(redirect(target, 303))
    known = _known_device()
    device = known[0] if known and known[1] == actor.member_id else new_session_id()
    response.set_cookie(
        _device_cookie(),
        _devices().dumps([device, actor.member_id]),
        max_age=_DEVICE_LIFE,
        httponly=True,
        samesite="Lax",
        secure=_settings().is_https,
        path="/",
    )
    return response


def _again(template: str, form: Form, refused: Refused, default: str, **values: Any) -> Response:
    """Return a form with what a service refused: 422, or 429 with the time to wait."""
    filled.refuse(form, refused, default)
    response = _unfinished(template, form, **values)
    if isinstance(refused, TooMany):
        response.status_code = 429
        response.headers["Retry-After"] = str(refused.refusal.params["seconds"])
    return response


def _unfinished(template: str, form: Form, **values: Any) -> Response:
    return make_response(render_template(template, form=form, **values), 422)


@blueprint.get("/sign-in")
@public
def sign_in() -> Response | str:
    if organisation.find_organisation() is None:
        return make_response(redirect(url_for("accounts.first_visit"), 302))
    if find_actor() is not None:
        return make_response(redirect(safe_next(request.args.get("next")), 302))
    return pages.page(
        "accounts/sign_in.html",
        slots={"next": str(escape(request.args.get("next", "")))},
        made={"form": lambda: filled.labelled(forms.SignIn())},
        next=slot("next"),
    )


@blueprint.post("/sign-in")
@public
def sign_in_now() -> Response:
    form, target = forms.SignIn(request.form), request.form.get("next", "")
    if not filled.is_valid(form):
        return _unfinished("accounts/sign_in.html", filled.labelled(form), next=target)
    try:
        actor = entry.sign_in(
            form.identifier.data or "", form.password.data or "", address=address(), known_device=_known_device()
        )
    except (Invalid, TooMany) as refused:
        return _again("accounts/sign_in.html", filled.labelled(form), refused, "password", next=target)
    return _enter(actor, safe_next(target, "/manage" if actor.is_staff else "/"))


@blueprint.post("/sign-out")
@policy(take_part)
def sign_out() -> Response:
    sessions.end(current_actor())
    return _leave()


@blueprint.post("/sign-out/everywhere")
@policy(take_part)
def sign_out_everywhere() -> Response:
    sessions.end_everywhere(current_actor())
    return _leave()


def _leave() -> Response:
    logout_user()
    session.clear()
    response = make_response(redirect("/", 303))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.route("/activate", methods=["GET", "POST"])
@public
def activate() -> Response | str:
    form = filled.read(forms.Activate, code=request.args.get("code", ""))
    if request.method != "POST":
        return render_template("accounts/activate.html", form=form)
    if not filled.is_valid(form):
        return _unfinished("accounts/activate.html", form)
    try:
        actor = entry.open_account(form.code.data or "", form.password.data or "", address=address())
    except (Invalid, Gone, TooMany) as refused:
        return _again("accounts/activate.html", form, refused, "code")
    return _enter(actor, "/", speech().text("Tài khoản đã mở. Chào mừng %(address)s!"))


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> Response | str:
    if not _settings().smtp_url:
        raise NotFound  # a way in that does not work is not shown
    form = filled.read(forms.Forgotten)
    if request.method != "POST":
        return render_template("accounts/forgotten.html", form=form)
    if not filled.is_valid(form):
        return _unfinished("accounts/forgotten.html", form)
    try:
        entry.forget_password(form.identifier.data or "", locale=speech().locale, address=address())
    except TooMany as refused:
        return _again("accounts/forgotten.html", form, refused, "identifier")
    return render_template("accounts/forgotten_sent.html")


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> Response | str:
    entry.find_token("reset", token)
    form = filled.read(forms.Reset)
    if request.method != "POST":
        return render_template("accounts/reset.html", form=form, token=token)
    if not filled.is_valid(form):
        return _unfinished("accounts/reset.html", form, token=token)
    try:
        actor = entry.reset_password(token, form.password.data or "", address=address())
    except (Invalid, TooMany) as refused:
        return _again("accounts/reset.html", form, refused, "password", token=token)
    return _enter(actor, "/", speech().text("Mật khẩu đã đổi. Mọi thiết bị khác đã được đăng xuất."))


@blueprint.get("/me")
@policy(take_part)
def profile() -> str:
    form = filled.read(forms.ChangePassword)
    return render_template("accounts/profile.html", member=people.get_self(current_actor()), form=form)


@blueprint.post("/me/password")
@policy(take_part)
def change_password() -> Response:
    form, actor = filled.read(forms.ChangePassword), current_actor()
    member = people.get_self(actor)
    if not filled.is_valid(form):
        return _unfinished("accounts/profile.html", form, member=member)
    try:
        renewed = entry.change_password(actor, form.current.data or "", form.password.data or "")
    except (Invalid, TooMany) as refused:
        return _again("accounts/profile.html", form, refused, "current", member=member)
    told = speech().text("Mật khẩu đã đổi. Mọi thiết bị khác đã được đăng xuất.")
    return _enter(renewed, url_for("accounts.profile"), told)


@blueprint.route("/setup", methods=["GET", "POST"])
@public
def first_visit() -> Response | str:
    if organisation.find_organisation() is not None:
        raise NotFound
    form = filled.read(forms.Setup)
    if request.method != "POST":
        return render_template("accounts/setup.html", form=form)
    if not filled.is_valid(form):
        return _unfinished("accounts/setup.html", form)
    try:
        return _enter(_found(form), "/manage")
    except (Invalid, TooMany) as refused:
        return _again("accounts/setup.html", form, refused, "code")


def _found(form: forms.Setup) -> Actor:
    names = ("name_vi", "name_en", "short_name", "anniversary", "time_zone", "address")
    logo = request.files.get("logo")
    return setup.found(
        form.code.data or "",
        {name: form[name].data for name in names},
        {
            "code": form.member_code.data,
            "full_name": form.full_name.data,
            "phone": form.phone.data,
            "email": form.email.data,
            "password": form.password.data,
        },
        logo=logo.read() if logo and logo.filename else None,
        secret_key=_settings().secret_key,
        address=address(),
    )
