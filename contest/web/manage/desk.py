"""The desk: the side bar, the front page of management, and the living style guide."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from contest.rules import permissions
from contest.rules.permissions import Actor
from contest.services.contests import setup
from contest.services.results import tables
from contest.web.context import speech
from contest.web.gate import current_actor, policy

blueprint = Blueprint("manage", __name__)


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class CurrentContest:
    title: str
    url: str


def page(template: str, section: str, *, contest: Any = None, status: int = 200, **values: Any) -> Response:
    """Render a page of the desk with its side bar; `contest` has slug and title."""
    actor = current_actor()
    current = CurrentContest(contest.title, url_for("setup.show", slug=contest.slug)) if contest is not None else None
    html = render_template(
        template,
        nav=_nav(actor, section, contest),
        current_contest=current,
        contest=contest,
        search_url=url_for("search.show"),
        **values,
    )
    return make_response(html, status)


def _nav(actor: Actor, section: str, contest: Any) -> list[NavItem]:
    _ = speech().text
    slug = contest.slug if contest is not None else None
    items: list[tuple[str, bool, str, str, str]] = [
        ("overview", True, _("Tổng quan"), url_for("manage.index"), "layout-grid"),
        (
            "setup",
            slug is not None and permissions.manage_contests(actor),
            _("Thiết lập"),
            url_for("setup.show", slug=slug) if slug else "",
            "settings-2",
        ),
        (
            "results",
            slug is not None and permissions.see_results(actor),
            _("Kết quả"),
            url_for("results.show", slug=slug) if slug else "",
            "list-ordered",
        ),
        (
            "awards",
            slug is not None and permissions.manage_contests(actor),
            _("Giải thưởng"),
            url_for("awards.index", slug=slug) if slug else "",
            "trophy",
        ),
        ("banks", permissions.see_bank(actor), _("Ngân hàng câu hỏi"), "/manage/banks", "library"),
        ("people", permissions.manage_people(actor), _("Đoàn viên"), "/manage/members", "users-round"),
        ("units", permissions.manage_people(actor), _("Đơn vị"), "/manage/units", "layers"),
        ("organisation", permissions.administer(actor), _("Tổ chức"), "/manage/organisation", "settings"),
        ("audit", permissions.see_audit(actor), _("Nhật ký"), "/manage/audit", "history"),
    ]
    return [NavItem(label, url, icon, key == section) for key, shown, label, url, icon in items if shown]


@blueprint.get("/manage")
@policy(permissions.see_management)
def index() -> Response:
    actor = current_actor()
    own = setup.list_contests(by=actor) if permissions.manage_contests(actor) else []
    seen = tables.list_contests(by=actor) if permissions.see_results(actor) else []
    return page(
        "manage/index.html",
        "overview",
        own={c.slug for c in own},
        contests=list({c.slug: c for c in (*own, *seen)}.values()),
        may_create=permissions.manage_people(actor),
        may_see_bank=permissions.see_bank(actor),
        may_manage_people=permissions.manage_people(actor),
    )


@blueprint.get("/admin/ui")
@policy(permissions.see_management)
def guide() -> Response:
    return page("ui/guide.html", "overview", theme=request.args.get("theme", ""))
