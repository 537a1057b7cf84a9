"""Papers to be printed: one drawn paper in several versions, kept as printed, and its files made when they are asked for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.printing import (
    Booklet,
    Fonts,
    Paper,
    PrintedOption,
    PrintedPart,
    PrintedPassage,
    PrintedQuestion,
    Words,
    write_docx,
    write_pdf,
)
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import media_of
from contest.i18n import Speech
from contest.models.banks import Bank
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.printing import PaperSet
from contest.rules.papers import BankTooPoor, Item, draw, read_paper, versions_of, versions_shown
from contest.rules.permissions import Actor, correct_keys
from contest.rules.printing_terms import Piece
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.questions.bodies import WHOLE
from contest.rules.questions.numbers import plain, said
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.services import audit, grading, organisation
from contest.services.attempts.asked import QuestionView, question_view
from contest.services.attempts.content import Content, pool_of
from contest.services.banks import media
from contest.services.banks.blueprints import lines_of
from contest.services.contests import rounds, setup

MOST_VERSIONS, FIRST_CODES = 24, (1, 900)
FORMATS = ("pdf", "docx")
_FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "be-vietnam-pro"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_chance = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class SetView:
    """A set as it is listed: its number, the codes of its versions, how many questions, who made it and when."""

    number: int
    codes: tuple[str, ...]
    question_count: int
    by: str | None
    at: datetime


def list_sets(slug: str, round_code: str, *, by: Actor) -> list[SetView]:
    """Return the sets of a round, the newest first; raises Forbidden for those who may not see its keys."""
    row = _round(slug, round_code, by)
    found = rows(
        sa.select(PaperSet.number, PaperSet.papers, Member.full_name, PaperSet.at)
        .outerjoin(Member, Member.id == PaperSet.by_id)
        .where(PaperSet.round_id == row.id)
        .order_by(PaperSet.number.desc())
    )
    return [SetView(n, tuple(code for code, _ in papers), len(papers[0][1]), name, at) for n, papers, name, at in found]


def make(slug: str, round_code: str, versions: int, first: int, *, by: Actor) -> int:
    """Draw a paper by the round's blueprint, keep it in several versions, and return the set's number.

    Raises Invalid for a number of versions or a first code out of range, and Conflict when the bank is too poor.
    """
    if not 1 <= versions <= MOST_VERSIONS:
        raise Invalid(Refusal("out-of-range", {"low": 1, "high": MOST_VERSIONS}, "versions"))
    if not FIRST_CODES[0] <= first <= FIRST_CODES[1]:
        raise Invalid(Refusal("out-of-range", {"low": FIRST_CODES[0], "high": FIRST_CODES[1]}, "first"))
    at = clock.now()
    with transaction():
        row = _round(slug, round_code, by)
        db.session.execute(sa.select(Round.id).where(Round.id == row.id).with_for_update())
        drawn = _drawn(row, versions)
        papers = [[f"{first + n:03d}", [item.stored() for item in items]] for n, items in enumerate(drawn)]
        last = db.session.scalar(sa.select(sa.func.max(PaperSet.number)).where(PaperSet.round_id == row.id)) or 0
        db.session.add(PaperSet(round_id=row.id, number=last + 1, papers=papers, by_id=by.member_id, at=at))
        audit.record("papers-printed", "round", row.id, by=by, at=at, set=last + 1, versions=versions)
    return last + 1


def _round(slug: str, round_code: str, by: Actor) -> Round:
    contest = setup.get_contest(slug, by=by)
    if not by.is_system and not correct_keys(by):
        raise Forbidden
    return rounds.get_round(contest.id, round_code)


def _drawn(row: Round, versions: int) -> list[tuple[Item, ...]]:
    bank = db.session.get(Bank, row.bank_id) if row.bank_id is not None else None
    if bank is None:
        raise Conflict(Refusal("paper-unavailable"))
    try:
        items = draw(
            lines_of(row.id),
            pool_of(bank.id, bank.revision),
            _chance,
            shuffle_questions=row.shuffle_questions,
            shuffle_options=row.shuffle_options,
        )
    except BankTooPoor:
        raise Conflict(Refusal("paper-unavailable")) from None
    if not items:
        raise Conflict(Refusal("paper-unavailable"))
    candidates = {c.version_id: c for cell in pool_of(bank.id, bank.revision).values() for c in cell}
    keeps = {i.version_id for i in items if not (row.shuffle_options and candidates[i.version_id].shuffle_options)}
    return versions_of(items, versions, _chance, keeps=keeps, mixes_questions=row.shuffle_questions)


def file_of(
    slug: str, round_code: str, number: int, piece: Piece, form: str, *, by: Actor, speech: Speech
) -> tuple[bytes, str]:
    """Return a file of a set, and its name; raises NotFound for a set, or a form, that there is not."""
    row = _round(slug, round_code, by)
    found = db.session.scalar(sa.select(PaperSet).where(PaperSet.round_id == row.id, PaperSet.number == number))
    if found is None or form not in FORMATS:
        raise NotFound
    booklet = _booklet(row, setup.get_contest(slug, by=by).title, found, speech)
    data = write_docx(booklet, piece) if form == "docx" else write_pdf(booklet, piece, _fonts())
    return data, f"{slug}-{NAMES[piece]}-{number}.{form}"


NAMES = {Piece.PAPERS: "de", Piece.SHEET: "phieu-tra-loi", Piece.KEY: "dap-an"}


def _fonts() -> Fonts:
    (home,) = [path for path in _FONTS.iterdir() if path.is_dir()]
    others = Path(str(files("ziamath"))) / "fonts" / "STIXTwoMath-Regular.ttf"
    return Fonts(str(home / "be-vietnam-pro-400.woff2"), str(home / "be-vietnam-pro-600.woff2"), str(others))


def _booklet(row: Round, contest: str, found: PaperSet, speech: Speech) -> Booklet:
    org = organisation.find_organisation()
    words = _words(speech)
    minutes = speech.text(mark("Thời gian làm bài: %(minutes)s phút"), minutes=row.minutes)
    papers = tuple(_paper(code, read_paper(items), words) for code, items in found.papers)
    shown = {name for paper in papers for question in paper.questions for name in _shown(question)}
    pictures = media.contents_of(row.bank_id or 0, shown)
    return Booklet(org.name_vi if org else "", contest, row.title, minutes, papers, words, pictures)


def _shown(question: PrintedQuestion) -> set[str]:
    """Return the names of the pictures that a question, its options, its parts and what stands above it show."""
    offered = [*question.options, *(option for part in question.parts for option in part.options)]
    own = [question.text, *(option.text for option in offered), *(part.text for part in question.parts)]
    texts = own if question.rich else []
    texts += [passage.text for passage in question.passages if passage.rich]
    return {m.name for text in texts for m in media_of(read(text))}


def _words(speech: Speech) -> Words:
    return Words(
        code=speech.text(mark("Mã đề")),
        question=speech.text(mark("Câu")),
        name=speech.text(mark("Họ và tên:")),
        unit=speech.text(mark("Đơn vị:")),
        number=speech.text(mark("Số báo danh:")),
        sheet=speech.text(mark("PHIẾU TRẢ LỜI")),
        key=speech.text(mark("ĐÁP ÁN")),
        page=speech.text(mark("trang {page}/{pages}")),
        end=speech.text(mark("--- Hết ---")),
        true=speech.text(mark("Đúng")),
        false=speech.text(mark("Sai")),
        answer=speech.text(mark("Trả lời:")),
        right_order=speech.text(mark("Thứ tự đúng:")),
        by_people=speech.text(mark("Giám khảo chấm")),
        handed=speech.text(mark("Nộp bài làm kèm theo đề này.")),
        points=speech.text(mark("({points} điểm)")),
        passage=speech.text(mark("Đọc đoạn dẫn sau và trả lời các câu từ {first} đến {last}:")),
        passage_of_one=speech.text(mark("Đọc đoạn dẫn sau và trả lời câu {first}:")),
        hint=speech.text(
            mark("Ghi mã đề vào ba ô trên. Tô kín một ô tròn cho mỗi câu; câu nhiều đáp án thì tô mọi ô đúng.")
        ),
    )


def _paper(code: str, items: Sequence[Item], words: Words) -> Paper:
    known = grading.keys_of(versions_shown(items))
    printed, keys = [], []
    for number, item in enumerate(items, 1):
        found = known[item.version_id]
        content = Content(found.kind, found.body, "", dict(found.body.options))
        view = question_view(number, content, item.options, None, 0, item.worth.points)
        begins = number == 1 or items[number - 2].section != item.section
        above = tuple(_passage(known[v], number, item.together, words) for v in item.before)
        printed.append(
            replace(_printed(view, found.rich, words), passages=above, section=item.section if begins else "")
        )
        keys.append(_key(view, found, words))
    return Paper(code, tuple(printed), tuple(keys))


def _printed(view: QuestionView, rich: bool, words: Words) -> PrintedQuestion:
    options = tuple(PrintedOption(o.letter, o.text, o.area) for o in view.options)
    parts = tuple(
        PrintedPart(p.number, p.kind, p.text, tuple(PrintedOption(o.letter, o.text) for o in p.options), p.unit)
        if p.kind is PartKind.CHOICE
        else PrintedPart(p.number, p.kind, p.text, (), p.unit)
        for p in view.parts
    )
    points = "" if view.points == 1 else words.points.format(points=said(plain(view.points)))
    return PrintedQuestion(view.position, view.kind, view.text, options, parts, points, rich)


def _passage(known: grading.Known, first: int, count: int, words: Words) -> PrintedPassage:
    hint = words.passage if count > 1 else words.passage_of_one
    return PrintedPassage(known.body.text, known.rich, hint.format(first=first, last=first + count - 1))


def _key(view: QuestionView, known: grading.Known, words: Words) -> str:
    """Return what is right about a question as graders read it: letters, or what has to stand there."""
    if view.kind in MARKED_BY_PEOPLE:
        return words.by_people
    key = known.key
    letters = {o.id: o.letter for o in view.options}
    if view.kind is Kind.ORDERING:
        return " ".join(letters[a.value] for a in key.answers[WHOLE])
    if not view.parts:
        return ", ".join(o.letter for o in view.options if key.weights.get(o.id, 0) > 0) or "–"
    out = []
    for part in view.parts:
        own = letters | {o.id: o.letter for o in part.options}
        right = [a.value for a in key.answers[part.id] if a.weight == 1]
        match part.kind:
            case PartKind.STATEMENT:
                out.append(f"{_LETTERS[part.number - 1]}) {words.true if right[0] == 'true' else words.false}")
            case PartKind.NUMBER:
                out.append(" / ".join(map(said, right)))
            case PartKind.TEXT:
                out.append(" / ".join(right))
            case _:
                out.append(f"{part.number}-{own[right[0]]}")
    return "; ".join(out)
