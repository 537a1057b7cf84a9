"""One search box for people, units, questions and contests; each only where its searcher may see them."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from contest.rules import permissions
from contest.rules.permissions import Actor, see_management
from contest.rules.text import fold
from contest.services import organisation
from contest.services.banks import browsing
from contest.services.contests import setup
from contest.services.members import people
from contest.services.results import tables
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("search", __name__)
SHOWN = 8  # of each kind; its own list shows the rest


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind; `all_url` leads to its own list, searched for the same words."""

    title: str
    icon: str
    hits: tuple[Hit, ...]
    all_url: str | None = None


@blueprint.get("/manage/search")
@policy(see_management)
def show() -> Response:
    actor, words = current_actor(), request.args.get("q", "").strip()[:100]
    kinds = [find(words, actor) for may, find in _KINDS if fold(words) and may(actor)]
    return page("manage/search.html", "overview", searched=words, kinds=[k for k in kinds if k.hits])


def _contests(words: str, actor: Actor) -> Kind:
    _ = speech().text
    own = setup.list_contests(by=actor) if permissions.manage_contests(actor) else []
    seen = tables.list_contests(by=actor) if permissions.see_results(actor) else []
    found = {c.slug: c for c in (*own, *seen) if fold(words) in fold(f"{c.title} {c.slug.replace('-', ' ')}")}
    mine = {c.slug for c in own}
    hits = tuple(
        Hit(c.title, c.organiser, url_for("setup.show" if slug in mine else "results.show", slug=slug))
        for slug, c in found.items()
    )
    return Kind(_("Cuộc thi"), "trophy", hits[:SHOWN])


def _people(words: str, actor: Actor) -> Kind:
    _ = speech().text
    found = people.list_members(by=actor, search=words).people
    hits = tuple(
        Hit(m.full_name, f"{m.code}, {m.unit_name}", url_for("members.edit", code=m.code)) for m in found[:SHOWN]
    )
    return Kind(_("Đoàn viên"), "users-round", hits, url_for("members.index", q=words))


def _units(words: str, actor: Actor) -> Kind:
    _ = speech().text
    found = organisation.find_units(words, by=actor, limit=SHOWN)
    return Kind(_("Đơn vị"), "layers", tuple(Hit(u.name, u.code, url_for("members.unit", code=u.code)) for u in found))


def _questions(words: str, actor: Actor) -> Kind:
    _ = speech().text
    found = browsing.find_questions(words, by=actor, limit=SHOWN)
    hits = tuple(
        Hit(text, f"{code}, {name}", url_for("banks.edit", bank=bank, code=code)) for bank, name, code, text in found
    )
    return Kind(_("Câu hỏi"), "library", hits)


_KINDS: tuple[tuple[Callable[[Actor], bool], Callable[[str, Actor], Kind]], ...] = (
    (lambda actor: permissions.manage_contests(actor) or permissions.see_results(actor), _contests),
    (permissions.manage_people, _people),
    (permissions.manage_people, _units),
    (permissions.see_bank, _questions),
)
