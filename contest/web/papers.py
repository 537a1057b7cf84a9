"""A running paper as a page. Most are opened the moment they are drawn, when nothing is answered: such a page is the same for
all but for its questions, its times and whose it is, and its questions are put together from what is rendered once."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import current_app, get_template_attribute, render_template

from contest.i18n import Speech, iso
from contest.rules.question_terms import Kind
from contest.services.attempts.asked import QuestionView
from contest.services.attempts.paper import PaperView
from contest.web import pages
from contest.web.context import speech
from contest.web.slots import slot

TICKED = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE})  # letters stand in their labels alone
_MACROS = "attempts/_question.html"
_MOST = 5000  # questions that a process keeps as they are rendered


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a paper as its page says them: its end and now for machines, what is left, and both by the clock."""

    ends_at: str
    now: str
    left: str
    hour: str
    shown: str
    whole: str


_SLOTS = Times(*(slot(name) for name in ("ends_at", "now", "left", "hour", "shown", "whole")))


def times_of(view: PaperView) -> Times:
    said = speech()
    left, hour = said.minsec(view.ends_at - view.now), said.hour(view.ends_at)
    return Times(iso(view.ends_at), iso(view.now), left, hour, said.hour_second(view.now), str(view.whole))


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """A question as the map of a fresh paper knows it."""

    position: int
    kind: Kind
    is_answered: bool = False


def page_of(view: PaperView) -> str:
    """Return the template of a running paper: the whole of it, or the step where one is led through."""
    return "attempts/paper.html" if view.way is None else "attempts/walk.html"


def show(view: PaperView, owner: str) -> str:
    """Return the page of a running paper."""
    times = times_of(view)
    if view.way is not None or view.saved_at is not None:
        return render_template(page_of(view), paper=view, times=times, owner=owner)
    own = {name: getattr(times, name) for name in Times.__slots__}
    asked = "".join(_asked(question, n == 0) for n, question in enumerate(view.questions))
    return pages.page(
        page_of(view),
        slots={**own, "code": view.code, "owner": owner, "questions": asked},
        paper=_blank(view),
        times=_SLOTS,
        owner=slot("owner"),
        questions=slot("questions"),
    )


def _blank(view: PaperView) -> PaperView:
    """Return a paper without what is a person's own in it."""
    never: dict[str, Any] = dict.fromkeys(("started_at", "ends_at", "now"), pages.NO_TIME)
    takes_files = any(q.kind is Kind.UPLOAD for q in view.questions)
    kind = Kind.UPLOAD if takes_files else Kind.SINGLE_CHOICE  # of no other does the form itself say anything
    questions: Any = tuple(_Unanswered(q.position, kind) for q in view.questions)
    return replace(view, code=slot("code"), questions=questions, hand_in_from=None, **never)


def _asked(question: QuestionView, is_first: bool) -> str:
    if question.version is None or question.kind not in TICKED or question.heading or question.passages:
        return render_template("attempts/_asked.html", question=question, first=1 if is_first else 0)
    pattern = _pattern(question, is_first)
    position = str(question.position)
    labels = "".join(
        pattern.options[option.id].filled({"position": position, "letter": option.letter})
        for option in question.options
    )
    return pattern.frame.filled({"position": position, "labels": labels})


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A question rendered but for its place, and each of its options but for its letter."""

    frame: pages.Kept
    options: dict[str, pages.Kept]


def _pattern(question: QuestionView, is_first: bool) -> _Pattern:
    key: tuple[int | None, Decimal, bool, Speech] = (question.version, question.points, is_first, speech())
    patterns: dict[Any, _Pattern] = current_app.extensions["kept_questions"]
    found = patterns.get(key)
    if found is None:
        if len(patterns) >= _MOST:
            patterns.clear()
        found = patterns[key] = _read(question, is_first)
    return found


def _read(question: QuestionView, is_first: bool) -> _Pattern:
    blank: Any = replace(question, position=slot("position"))  # type: ignore[arg-type]
    label = get_template_attribute(_MACROS, "option_label")
    options = {
        option.id: pages.Kept.cut(label(blank, replace(option, letter=slot("letter")))) for option in question.options
    }
    frame = get_template_attribute(_MACROS, "question_field")(blank, is_first, labels=slot("labels"))
    return _Pattern(pages.Kept.cut(frame), options)
