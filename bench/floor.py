"""The practical floor of a participant's journey: nothing but the necessary, to be measured against in the same run.

Flask, Jinja and SQLAlchemy Core; signed cookies, argon2id at OWASP's minimum; a paper as one row, questions kept as
ready HTML; one guarded append per save, with owner, state, deadline and revision inside the statement; a board from an
index. It answers the same requests as the product's journey and has no languages, audit, limits or policies.

DATABASE_URL=sqlite:////tmp/floor.db .venv/bin/python -m bench.floor --people 20000 --results 10000
DATABASE_URL=sqlite:////tmp/floor.db .venv/bin/granian --interface wsgi --blocking-threads 1 bench.floor:app
"""

import argparse
import hmac
import json
import random
import time
from functools import cache
from typing import Any

import argon2
import sqlalchemy as sa
from flask import Flask, Response, abort, make_response, redirect, render_template_string, request
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Response as Redirect

from bench.floor_tables import (
    ATTEMPT,
    FINISH,
    PERSON,
    PLACE,
    SAVE,
    SAVED,
    TOP,
    attempts,
    engine,
    fill,
    hasher,
    questions,
)  # fmt: skip

QUESTIONS = 20
PREDICTION = QUESTIONS  # its position, after those of the questions
LASTS = 7 * 86400.0
KEY = b"k" * 32

_PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>{{ title }}</title></head>"
    "<body><nav><a href=/board>Board</a></nav><main>%s</main></body></html>"
)
_TOKEN = '<input type=hidden name=token value="{{ token }}">'
SIGN_IN = (
    _PAGE % f"<form method=post>{_TOKEN}<input name=name><input name=password type=password><button>Go</button></form>"
)
CONTEST = _PAGE % "<h1>Contest</h1><p>20 questions, 20 minutes.</p><a href=/round>Go</a>"
ROUND = _PAGE % f"<p>Ends {{{{ ends }}}}</p><form method=post action=/start>{_TOKEN}<button>Start</button></form>"
PAPER = _PAGE % (
    "<div data-ends={{ ends }}></div>{% for position, html, saved in items %}<section data-position={{ position }}"
    ' data-revision="{{ saved[1] }}" data-saved="{{ saved[0] }}">{{ html|safe }}</section>{% endfor %}'
    f"<form method=post action=/submit>{_TOKEN}<button>Finish</button></form>"
)
RESULT = _PAGE % (
    "<h1>Score {{ score }} of 20</h1><ol>{% for position, is_right in items %}"
    "<li>{{ position }} {{ 'right' if is_right else 'wrong' }}</li>{% endfor %}</ol>"
)
BOARD = _PAGE % (
    "<p>Your place: {{ place }}</p><table>{% for name, score, seconds in rows %}"
    "<tr><td>{{ loop.index }}<td>{{ name }}<td>{{ score }}<td>{{ '%.0f'|format(seconds) }}</tr>{% endfor %}</table>"
)

app = Flask(__name__)
signer = TimestampSigner(KEY)


@cache
def bank() -> dict[int, tuple[str, int]]:
    """Return each question's HTML and right choice, read once a process."""
    choices = "".join(f"<label><input type=radio name=c value={n}>Choice {n}</label>" for n in range(4))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(questions)).all()
    return {row.id: (f"<p>{row.text}</p>{choices}", row.right_choice) for row in rows}


def token(owner: str) -> str:
    return hmac.digest(KEY, owner.encode(), "sha256").hex()[:32]


def require(owner: str, given: str | None) -> None:
    if not hmac.compare_digest(given or "", token(owner)):
        abort(400)


def cookie(name: str) -> str:
    try:
        return signer.unsign(request.cookies.get(name, ""), max_age=86400).decode()
    except BadSignature:
        abort(401)


def rights(paper: list[tuple[int, list[int]]], saved: dict[int, tuple[int, int]]) -> list[bool]:
    """Return of each question whether what was saved of it last is right."""
    chosen = [saved.get(position, (-1, 0))[0] for position in range(len(paper))]
    return [
        0 <= choice < 4 and order[choice] == bank()[question][1]
        for (question, order), choice in zip(paper, chosen, strict=True)
    ]


def last_saved(connection: sa.Connection, attempt_id: int) -> dict[int, tuple[int, int]]:
    """Return choice and revision of the last save of each position."""
    rows = connection.execute(SAVED, {"attempt": attempt_id}).all()
    return {row.position: (row.choice, row.revision) for row in sorted(rows, key=lambda row: row.revision)}


@app.get("/login")
def sign_in_page() -> str:
    return render_template_string(SIGN_IN, title="Sign in", token=token("anybody"))


@app.post("/login")
def sign_in() -> Redirect:
    require("anybody", request.form["token"])
    with engine.connect() as connection:
        row = connection.execute(PERSON, {"name": request.form["name"]}).first()
    try:
        hasher.verify(row.password if row else "", request.form["password"])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        abort(403)
    assert row is not None
    answer = redirect("/", 303)
    answer.set_cookie("s", signer.sign(str(row.id)).decode(), httponly=True, samesite="Lax")
    return answer


@app.get("/contest")
def contest() -> str:
    return render_template_string(CONTEST, title="Contest")


@app.get("/round")
def before() -> str:
    return render_template_string(ROUND, title="Round", ends=time.time() + LASTS, token=token(cookie("s")))


@app.post("/start")
def start() -> Redirect:
    person, pool, now = cookie("s"), bank(), time.time()
    require(person, request.form["token"])
    with engine.begin() as connection:
        if connection.execute(ATTEMPT, {"person": int(person)}).first() is None:
            paper = [[q, random.sample(range(4), 4)] for q in random.sample(list(pool), QUESTIONS)]
            values = {"person_id": int(person), "paper": json.dumps(paper), "started": now, "ends": now + LASTS}
            connection.execute(sa.insert(attempts), values)
    return redirect("/paper", 303)


@app.get("/paper")
def paper() -> Response:
    person, pool = cookie("s"), bank()
    with engine.connect() as connection:
        row = connection.execute(ATTEMPT, {"person": int(person)}).one()
        saved = last_saved(connection, row.id)
    items = [(n, pool[q][0], saved.get(n, ("", 0))) for n, (q, _) in enumerate(json.loads(row.paper))]
    page = render_template_string(PAPER, title="Paper", ends=row.ends, token=token(person), items=items)
    answer = make_response(page)
    answer.set_cookie("a", signer.sign(f"{person}.{row.id}").decode(), httponly=True, samesite="Lax")
    return answer


@app.put("/save/<int:position>")
def save(position: int) -> dict[str, Any]:
    person, _, attempt = cookie("a").partition(".")
    require(person, request.headers.get("X-CSRFToken"))
    now, body = time.time(), request.get_json()
    if position > PREDICTION or not isinstance(body["value"], int) or not 1 <= body["revision"] <= 100_000:
        abort(422)
    values = {"position": position, "revision": body["revision"], "choice": body["value"], "at": now, "now": now}
    with engine.begin() as connection:
        done = connection.execute(SAVE, {"attempt": int(attempt), "person": int(person), **values})
    if done.rowcount != 1:
        abort(409)
    return {"ok": True, "revision": body["revision"], "now": now}


@app.post("/submit")
def submit() -> Redirect:
    person = cookie("s")
    require(person, request.form["token"])
    with engine.begin() as connection:
        row = connection.execute(ATTEMPT, {"person": int(person)}).one()
        scored = sum(rights(json.loads(row.paper), last_saved(connection, row.id)))
        connection.execute(FINISH, {"attempt": row.id, "scored": scored, "at": time.time()})
    return redirect("/result", 303)


@app.get("/result")
def result() -> str:
    with engine.connect() as connection:
        row = connection.execute(ATTEMPT, {"person": int(cookie("s"))}).one()
        items = list(enumerate(rights(json.loads(row.paper), last_saved(connection, row.id))))
    return render_template_string(RESULT, title="Result", score=row.score, items=items)


@app.get("/board")
def board() -> str:
    with engine.connect() as connection:
        row = connection.execute(ATTEMPT, {"person": int(cookie("s"))}).one()
        rows = connection.execute(TOP).all()
        place = (connection.execute(PLACE, {"score": row.score}).scalar() or 0) + 1
    return render_template_string(BOARD, title="Board", place=place, rows=rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.floor", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--results", type=int, default=10_000)
    args = parser.parse_args()
    fill(args.people, args.results)


if __name__ == "__main__":
    main()
