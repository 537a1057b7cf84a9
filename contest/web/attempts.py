"""Taking a paper: the page, the saves, the submission, the receipt, the released review."""

import gzip
import hmac
from datetime import datetime
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from contest import clock
from contest.errors import Closed, Invalid, NotFound, Unauthenticated
from contest.i18n import iso
from contest.rules.attempts import Verdict
from contest.rules.permissions import take_part
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services.attempts import afterwards, closing, handing, news, paper, reviews, saved, saves, saving, stepping
from contest.web import filled, handed, papers, telemetry
from contest.web.context import speech
from contest.web.errors import wants_json
from contest.web.gate import arrived_at, current_actor, find_actor, judged, policy, verified_actor

OVER = {Verdict.LATE: "attempt-late", Verdict.CLOSED: "attempt-closed"}  # what a plain form is told that counts no more
blueprint = Blueprint("attempts", __name__, url_prefix="/attempts/<code>")


@blueprint.get("")
@policy(take_part, by_cookie=True)
def show(code: str) -> Response:
    view = judged(partial(paper.open_paper, code))
    if view.state is not AttemptState.OPEN:
        return _to_receipt(code)
    return _compressed(make_response(papers.show(view, _owner())))


def _owner() -> str:
    """Return a mark that tells the members apart who use one browser, for its journals; it names nobody."""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"journal:{current_actor().member_id}".encode(), "sha256").hexdigest()[:16]


def _compressed(response: Response) -> Response:
    """Compress the two heaviest pages for phones. They repeat nothing that a request could smuggle in beside the token."""
    if request.accept_encodings.best_match(["gzip", "identity"]) == "gzip":
        response.set_data(gzip.compress(response.get_data(), 5))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


@blueprint.put("/responses/<position>")
@policy(take_part, by_cookie=True)
def save(code: str, position: str) -> Response:
    body = json_body()
    if not isinstance(body, dict) or "value" not in body:
        raise Invalid(Refusal("bad-response", field="value"))
    at = clock.now()
    outcome = saving.save(
        code,
        position,
        body.get("revision"),
        body["value"],
        by=current_actor(),
        at=at,
        arrived=arrived_at(g.received_at),
    )
    return acknowledge(outcome)


def json_body() -> Any:
    """Return what the body says as JSON, None for what is none; nested too deep for the parser is none either."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def acknowledge(outcome: saving.Outcome) -> Response:
    """Answer a save in the words of the contract; nothing here says whether a response is right."""
    telemetry.count_save(outcome.verdict)
    body: dict[str, Any] = {"ok": True, "revision": outcome.revision}
    match outcome.verdict:
        case Verdict.SAVED | Verdict.SAME:
            saved_at = iso(outcome.saved_at) if outcome.saved_at else None
            return jsonify(body | {"saved_at": saved_at, "ends_at": iso(outcome.ends_at), "now": iso(clock.now())})
        case Verdict.STALE:
            return jsonify(body | {"stale": True, "value": outcome.value})
        case Verdict.CONFLICT:
            refusal, extra = Refusal("response-conflict"), {"revision": outcome.revision, "value": outcome.value}
        case Verdict.LATE:
            refusal, extra = Refusal("attempt-late"), {"kept": True, "ends_at": iso(outcome.ends_at)}
        case Verdict.LEFT:
            refusal, extra = Refusal("attempt-left"), {"kept": True}
        case Verdict.NOT_YET:
            refusal, extra = Refusal("attempt-not-yet"), {}
        case Verdict.CLOSED:
            refusal, extra = Refusal("attempt-closed"), {}
    answer = {"ok": False, "code": outcome.verdict.value, "message": speech().said(refusal)}
    return make_response(jsonify(answer | extra), 409)


@blueprint.get("/news")
@policy(take_part, by_cookie=True)
def show_news(code: str) -> Response:
    """Answer what has changed around a running paper: its end, whether it is open, what was announced."""
    found = news.get_news(code, by=current_actor())
    announced = [{"id": i, "text": text, "at": iso(at)} for i, text, at in found.announced]
    times = {"ends_at": iso(found.ends_at), "now": iso(clock.now())}
    if found.step_ends_at is not None:
        times["step_ends_at"] = iso(found.step_ends_at)
    return jsonify({"ok": True, "open": found.is_open, **times, "news": announced})


@blueprint.get("/responses")
@policy(take_part, by_cookie=True)
def show_responses(code: str) -> Response:
    """Answer what is saved of a running paper, for a browser that comes back to it; never what is right."""
    try:
        found = saved.get_saved(code, by=current_actor())
    except NotFound:
        if find_actor() is None:  # the statement finds nothing for a session that has ended, either
            raise Unauthenticated(Refusal("sign-in-needed")) from None
        raise
    responses = {
        str(position or "prediction"): {"revision": one.revision, "value": one.value, "saved_at": iso(one.saved_at)}
        for position, one in found.responses.items()
    }
    now = iso(clock.now())
    told = {"open": found.is_open, "ends_at": iso(found.ends_at), "now": now, "responses": responses}
    return jsonify({"ok": True, **told})


@blueprint.post("/files/<position>")
@policy(take_part, body_limit=handed.FILE_LIMIT)
def hand_in(code: str, position: str) -> Response:
    actor, arrived = current_actor(), arrived_at(g.received_at)
    return handed.acknowledge(handing.hand_in(code, position, handed.sent_file(), by=actor, arrived=arrived))


@blueprint.post("/responses")
@policy(take_part, body_limit=handed.FORM_LIMIT)
def save_form(code: str) -> Response:
    actor, arrived = current_actor(), arrived_at(g.received_at)
    form, wrong = handed.take_form(partial(handing.hand_in, code, by=actor, arrived=arrived))
    verdict = closing.save_form(code, form, by=actor, arrived=arrived)
    if verdict in OVER:
        flash(speech().said(Refusal(OVER[verdict])), "warn")
        return _to_receipt(code)
    if warn_of(verdict):
        return _to_paper(code)
    if wrong is None and request.form.get("go") == "review":
        return make_response(redirect(url_for("attempts.review_submission", code=code), 303))
    flash(speech().text("Đã lưu lúc %(time)s.", time=speech().hour_second(clock.now())), "ok")
    return make_response(redirect(url_for("attempts.show", code=code, _anchor=handed.place_of(wrong)), 303))


@blueprint.get("/submission")
@policy(take_part)
def review_submission(code: str) -> Response:
    view = paper.get_paper(code, by=current_actor())
    if view.state is not AttemptState.OPEN:
        return _to_receipt(code)
    values = {"times": papers.times_of(view), "unanswered": view.unanswered, "owner": _owner()}
    page = render_template(before_submission(view), paper=view, **values)
    return _compressed(make_response(page))


def before_submission(view: paper.PaperView) -> str:
    """Return the page before the submission: the list of what is empty, or what is told where one is led through."""
    if view.way is not None:
        return "attempts/ending.html"
    return "attempts/early.html" if view.is_early else "attempts/submission.html"


@blueprint.post("/submission")
@policy(take_part, by_cookie=True)
def submit(code: str) -> Response:
    form, arrived = request.form.to_dict(flat=False), arrived_at(g.received_at)
    carries = any(name.startswith("response-") or name == "prediction" for name in form)
    if not carries and closing.hand_in(code, by=current_actor(), arrived=arrived):
        return _to_receipt(code)
    from_at = closing.submit(code, form, by=verified_actor(), arrived=arrived)
    if from_at is None:
        return _to_receipt(code)
    if wants_json():
        return make_response(jsonify(_early(from_at)), 409)
    response = review_submission(code)
    response.status_code = 409 if response.status_code == 200 else response.status_code
    return response


def _early(from_at: datetime) -> dict[str, Any]:
    at = speech().hour_second(from_at)
    said = speech().text("Vòng này cho nộp sớm nhất lúc %(at)s. Hết giờ, hệ thống tự nộp những câu đã lưu.", at=at)
    return {"ok": False, "code": "early", "message": said, "from": iso(from_at), "now": iso(clock.now())}


@blueprint.post("/step")
@policy(take_part, body_limit=handed.FORM_LIMIT)
def go_on(code: str) -> Response:
    """Leave a step of a paper for the next, with what a plain form carries for it."""
    actor, arrived = current_actor(), arrived_at(g.received_at)
    if request.is_json:
        body = json_body()
        number = body.get("step") if isinstance(body, dict) else None
        place = stepping.go_on(code, step_of(number), by=actor, arrived=arrived)
        ends_at = None if place.ends_at is None else iso(place.ends_at)
        answer = {"ok": True, "step": place.step, "steps": place.step_count, "step_ends_at": ends_at}
        return jsonify(answer | {"now": iso(clock.now())})
    number = step_of(filled.whole(request.form.get("step", "")))
    form, wrong = handed.take_form(partial(handing.hand_in, code, by=actor, arrived=arrived))
    verdict = closing.save_form(code, form, by=actor, arrived=arrived)
    if verdict in OVER:
        flash(speech().said(Refusal(OVER[verdict])), "warn")
        return _to_receipt(code)
    warn_of(verdict)
    if wrong is not None:
        return _to_paper(code)
    try:
        place = stepping.go_on(code, number, only_when_over="over" in request.form, by=actor, arrived=arrived)
    except Closed:
        return _to_receipt(code)
    if place.is_last and place.step == number:
        return make_response(redirect(url_for("attempts.review_submission", code=code), 303))
    return _to_paper(code)


def warn_of(verdict: Verdict) -> bool:
    """Tell whoever sent a form that some of it is for a step that was left; say whether it was so."""
    if verdict is Verdict.LEFT:
        flash(speech().said(Refusal("attempt-left")), "warn")
    return verdict is Verdict.LEFT


def step_of(given: Any) -> int:
    """Return the number of a step as it was sent; raises Invalid for what is none."""
    if type(given) is not int:
        raise Invalid(Refusal("bad-position", field="step"))
    return given


def _to_paper(code: str) -> Response:
    return make_response(redirect(url_for("attempts.show", code=code), 303))


@blueprint.get("/receipt")
@policy(take_part, by_cookie=True)
def receipt(code: str) -> Response:
    try:
        view = judged(partial(afterwards.open_receipt, code))
    except Closed:
        running = judged(partial(paper.open_paper, code))
        if running.now < running.ends_at:
            return make_response(redirect(url_for("attempts.show", code=code), 303))
        response = make_response(render_template("attempts/closing.html", paper=running))
        response.headers["Refresh"] = "5"
        return response
    return make_response(render_template("attempts/receipt.html", receipt=view, now=clock.now()))


@blueprint.get("/saves")
@policy(take_part)
def show_saves(code: str) -> str:
    return render_template("attempts/saves.html", saves=saves.get_saves(code, by=current_actor()))


@blueprint.get("/review")
@policy(take_part)
def review(code: str) -> str:
    return render_template("attempts/review.html", review=reviews.get_review(code, by=current_actor()))


def _to_receipt(code: str) -> Response:
    return make_response(redirect(url_for("attempts.receipt", code=code), 303))
