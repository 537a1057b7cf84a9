"""The front page, help, the language, and the organisation's logo."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request

from contest.errors import NotFound
from contest.i18n import LOCALES
from contest.rules.terms import Phase
from contest.services import organisation
from contest.services.contests import views
from contest.web.gate import find_actor, public, public_cache
from contest.web.navigation import safe_next

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
@public
def index() -> str | Response:
    if organisation.find_organisation() is None:
        return make_response(redirect("/setup", 302))
    contests = views.list_contests(actor=find_actor())
    return render_template(
        "front/index.html",
        opening=[c for c in contests if c.phase is Phase.OPEN],
        coming=[c for c in contests if c.phase is Phase.BEFORE],
        finished=[c for c in contests if c.phase is Phase.CLOSED],
    )


@blueprint.get("/help", endpoint="help")
@public
def show_help() -> str:
    return render_template("front/help.html", has_mail=bool(current_app.config["SETTINGS"].smtp_url))


@blueprint.get("/language")
@public
def languages() -> str:
    """Offer the languages to whoever comes from a page that caches keep, which can hold no form."""
    return render_template("front/language.html", going=safe_next(request.args.get("next")))


@blueprint.post("/language")
@public
def language() -> Response:
    chosen = request.form.get("locale", "vi")
    response = make_response(redirect(safe_next(request.form.get("next")), 303))
    if chosen in LOCALES:
        response.set_cookie("lang", chosen, max_age=31536000, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@blueprint.get("/logo")
@public_cache
def logo() -> Response:
    content = organisation.find_logo()
    if content is None:
        raise NotFound
    response = make_response(content)
    response.headers.update({"Content-Type": "image/png", "Cache-Control": "public, max-age=86400"})
    return response
