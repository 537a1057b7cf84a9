"""Registering for a contest and consenting; one's own consents, and withdrawing them."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for

from contest.config import Settings
from contest.errors import Closed, Conflict, Invalid, NotFound, TooMany, Unauthenticated
from contest.forms import registration as forms
from contest.rules.entry_terms import ConsentPurpose, RegistrationField, RegistrationWay
from contest.rules.permissions import Actor, take_part
from contest.rules.refusals import Refusal
from contest.rules.registration import Asked, masked
from contest.rules.text import phone_as_said
from contest.services.contests import consents, newcomers, registration, registration_setup
from contest.services.contests.registration import Sheet
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import address, current_actor, find_actor, policy, public

blueprint = Blueprint("registrations", __name__)
REFUSED = (Invalid, Conflict, Closed, TooMany)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@blueprint.route("/contests/<slug>/registration", methods=["GET", "POST"])
@public
def register(slug: str) -> Response:
    """Show the form of a contest, for members and, where they may register, for people in no list yet."""
    actor = find_actor()
    sheet = registration.get_sheet(slug, actor=actor)
    if actor is None and not registration_setup.lets_newcomers_in(sheet.asked, has_mail=bool(_settings().smtp_url)):
        if request.method == "POST":
            raise Unauthenticated(Refusal("sign-in-needed"))
        return _page(sheet, None, None)
    asked = newcomers.asked_of_newcomers(sheet.asked) if actor is None and sheet.asked else sheet.asked
    form = _form(sheet, asked, actor)
    if request.method != "POST":
        return _page(sheet, asked, form)
    if not filled.is_valid(form):
        return _page(sheet, asked, form, 422)
    try:
        return _carry_out(sheet, form, actor)
    except REFUSED as refused:
        filled.refuse(form, refused, "participation")
        response = _page(sheet, asked, form, status_of(refused))
        if isinstance(refused, TooMany):
            response.headers["Retry-After"] = str(refused.refusal.params["seconds"])
        return response


def _carry_out(sheet: Sheet, form: forms.Registration, actor: Actor | None) -> Response:
    purposes = [p for p in ConsentPurpose if p.value in form and form[p.value].data]
    if actor is None:
        settings = _settings()
        newcomers.enter(
            sheet.slug,
            form.values(),
            purposes,
            entry_code=_entry(form),
            address=address(),
            secret=settings.secret_key,
            base_url=settings.base_url,
            locale=speech().locale,
            has_mail=bool(settings.smtp_url),
        )
        return make_response(render_template("registrations/sent.html", sheet=sheet))
    if sheet.asked is None or sheet.is_registered:
        consents.agree(sheet.slug, purposes, by=actor)
        flash(speech().text("Đã ghi nhận sự đồng ý."), "ok")
    else:
        registration.register(
            sheet.slug,
            form.values(),
            purposes,
            entry=_entry(form),
            by=actor,
            address=address(),
            secret=_settings().secret_key,
        )
        flash(speech().text("Đã đăng ký. Mời %(address)s vào thi."), "ok")
    return make_response(redirect(url_for("contests.show", slug=sheet.slug), 303))


def _entry(form: forms.Registration) -> str:
    return (form.entry.data or "") if "entry" in form else ""


def _form(sheet: Sheet, asked: Asked | None, actor: Actor | None) -> forms.Registration:
    """Return the form with exactly what is asked, filled in with what is known."""
    known = {name.value: _said(name, value) for name, value in sheet.known.items()}
    known.pop("identity_number", None)  # never written out again, only its last figures are shown
    form = filled.read(forms.Registration, entry=request.args.get("entry", "")[:64], **known)
    settled = sheet.asked is None or sheet.is_registered
    wanted = {name.value for name in asked.fields} if asked and not settled else set()
    if actor is not None:
        wanted.discard("unit")  # a member's unit is what the union's list says
    if "unit" in wanted:
        form.unit.choices = [("", speech().text("Chọn đơn vị")), *_units(sheet.slug)]
    if sheet.asked is not None and sheet.asked.way is RegistrationWay.CODE and not settled:
        wanted.add("entry")
    wanted |= {"publication"} if ConsentPurpose.PUBLICATION not in sheet.held else set()
    wanted |= {"participation"} if not settled else set()
    for name in [field.name for field in form if field.name not in wanted]:
        del form[name]
    return form


def _said(name: RegistrationField, value: Any) -> Any:
    if name is RegistrationField.BIRTH_DATE:
        return f"{value:%d/%m/%Y}"
    return phone_as_said(value) if name is RegistrationField.PHONE else value


def _units(slug: str) -> list[tuple[str, str]]:
    return list(registration_setup.choices_of(registration.contest_id_of(slug)))


def _page(sheet: Sheet, asked: Asked | None, form: forms.Registration | None, status: int = 200) -> Response:
    number = sheet.known.get(RegistrationField.IDENTITY_NUMBER)
    html = render_template(
        "registrations/show.html",
        sheet=sheet,
        form=form,
        required={name.value for name in asked.required} if asked else set(),
        identity_number=masked(number),
        next=request.full_path.rstrip("?"),
    )
    return make_response(html, status)


@blueprint.get("/me/consents")
@policy(take_part)
def mine() -> str:
    return render_template("registrations/consents.html", given=consents.list_given(current_actor()))


@blueprint.post("/contests/<slug>/consents/withdrawal")
@policy(take_part)
def withdraw(slug: str) -> Response:
    purpose = "".join(filled.given("purpose")[:1])
    if purpose not in set(ConsentPurpose):
        raise NotFound
    consents.withdraw(slug, ConsentPurpose(purpose), by=current_actor())
    flash(speech().text("Đã rút lại sự đồng ý."), "ok")
    return make_response(redirect(url_for("registrations.mine"), 303))
