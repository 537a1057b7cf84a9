"""Drafts for tests: strategies of what readers may hand over, and texts that have been trouble elsewhere."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from contest.formats.drafts import OF_WORDS, MemberDraft, OptionDraft, PartDraft, Place, QuestionDraft, UnitDraft
from contest.formats.soundness import refusals_of
from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.questions import TOLD
from contest.rules.questions.choices import even_weights
from contest.rules.questions.numbers import plain
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.questions.upload import MOST_FILES
from contest.rules.text import clean, fold

ANSWERED = tuple(kind for kind in OF_WORDS if kind not in TOLD)
NASTY = (
    "=1+1",
    "+84912345678",
    "-5",
    "@SUM(A1)",
    "＝1",
    "'=1",
    "''=1",
    "'ngoặc",
    "{{7*7}} ${7*7} {user.__class__} __import__",
    "<script>alert(1)</script> & <b>",
    "a;b,c\\",
    "\\n \\\\ \\: \\] ]",
    "::tên:: // # ~%50% -> ####",
    "//chú thích",
    "$CATEGORY: a/b",
    "[html]<p>",
    "[plain]",
    "%50%",
    "T",
    "TRUE",
    "_x0041_",
    '"ngoặc kép"',
    "Nguyễn\tÁnh",
    "dòng một\n\ndòng hai",
    "sep=;",
    "/a//b/",
    "$course$",
    "0012",
    "1e5",
    "30/4/1975",
)
_letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"))


def texts(limit: int = 40, *, multiline: bool = False, least: int = 0) -> st.SearchStrategy[str]:
    """Texts as `clean` leaves them."""
    raw = st.one_of(
        st.sampled_from(NASTY), st.text(_letters, max_size=limit), st.text("ab:#={}~\\%/[]'\n,; ", max_size=12)
    )
    cleaned = raw.map(lambda text: clean(text, limit=limit, multiline=multiline))
    return cleaned.filter(lambda text: isinstance(text, str) and len(text) >= least)


def weights(kind: Kind, count: int) -> st.SearchStrategy[tuple[Decimal, ...]]:
    """Weights that make a question of the kind, even ones and odd ones."""
    part = st.decimals(min_value=-1, max_value=Decimal("0.99"), places=7)
    if kind is Kind.TRUE_FALSE:
        return st.sampled_from([(Decimal(1), Decimal(0)), (Decimal(0), Decimal(1))])
    if kind is Kind.SINGLE_CHOICE:
        others = st.one_of(st.just([Decimal(0)] * (count - 1)), st.lists(part, min_size=count - 1, max_size=count - 1))
        return others.flatmap(lambda w: st.permutations([Decimal(1), *w])).map(tuple)
    even = st.integers(1, count).map(lambda right: [*even_weights(right), *[Decimal(0)] * (count - right)])
    odd = st.just([Decimal("0.9"), Decimal("0.1"), *[Decimal("-0.5")] * (count - 2)])
    return st.one_of(even, odd).flatmap(st.permutations).map(tuple)


_single = {"multiline": False, "least": 1}
_numbers = st.decimals(-1000, 1000, places=3).map(lambda number: plain(number + 0))
_widths = st.decimals(0, 50, places=2).map(lambda number: plain(number + 0))
spans = st.one_of(
    _numbers,
    st.tuples(_numbers, _widths).map(":".join),
    st.tuples(_numbers, _widths).map(lambda ends: f"{ends[0]}..{plain(Decimal(ends[0]) + Decimal(ends[1]))}"),
)
_shares = st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.25"), Decimal("0.3333333"), Decimal(0)])
_remarks = st.just("") | texts(20, multiline=True)


def _one(*values: object) -> st.SearchStrategy:
    return st.sampled_from(values)


@st.composite
def _answers(draw: st.DrawFn, kind: PartKind) -> tuple[OptionDraft, ...]:
    count = draw(st.integers(1, 3)) + (kind is PartKind.CHOICE)
    wording = spans if kind is PartKind.NUMBER else texts(20, **_single)
    found = draw(st.lists(wording, min_size=count, max_size=count, unique_by=_words))
    shares = [Decimal(1), *draw(st.lists(_shares, min_size=count - 1, max_size=count - 1))]
    if kind is PartKind.CHOICE:
        shares = [shares[0], *(share if share < 1 else Decimal(0) for share in shares[1:])]
    shares = draw(st.permutations(shares))
    return tuple(OptionDraft(text, share, draw(_remarks)) for text, share in zip(found, shares, strict=True))


@st.composite
def _parts(draw: st.DrawFn, kind: PartKind) -> PartDraft:
    found = PartDraft(kind, answers=draw(_answers(kind)))
    if kind is PartKind.NUMBER:
        return replace(found, unit=draw(st.just("") | _one("km", "m/s (giây)", "a): b") | texts(8)))
    if kind is PartKind.TEXT:
        return replace(found, with_case=draw(st.booleans()), with_accents=draw(st.booleans()))
    return found


@st.composite
def _body(draw: st.DrawFn, kind: Kind) -> dict[str, object]:
    """What makes a question of a kind: its options, its parts or its limits."""
    count = 2 if kind is Kind.TRUE_FALSE else draw(st.integers(2, 5))
    wording = draw(st.lists(texts(multiline=True, least=1), min_size=count, max_size=count, unique_by=_words))
    remarks = draw(st.lists(_remarks, min_size=count, max_size=count))
    match kind:
        case Kind.SINGLE_CHOICE | Kind.MULTIPLE_CHOICE | Kind.TRUE_FALSE:
            named = [TRUE, FALSE] if kind is Kind.TRUE_FALSE else wording
            return {"options": tuple(map(OptionDraft, named, draw(weights(kind, count)), remarks))}
        case Kind.ORDERING:
            return {
                "options": tuple(
                    OptionDraft(text, Decimal(0), said) for text, said in zip(wording, remarks, strict=True)
                )
            }
        case Kind.STATEMENTS:
            truths = [OptionDraft(draw(_one("true", "false")), Decimal(1), said) for said in remarks]
            pairs = zip(wording, truths, strict=True)
            return {"parts": tuple(PartDraft(PartKind.STATEMENT, text, (truth,)) for text, truth in pairs)}
        case Kind.MATCHING:
            stems = draw(st.lists(texts(multiline=True, least=1), min_size=2, max_size=4, unique_by=_words))
            right = [OptionDraft(draw(st.sampled_from(wording)), Decimal(1), draw(_remarks)) for _ in stems]
            pairs = zip(stems, right, strict=True)
            options = tuple(OptionDraft(text, Decimal(0), said) for text, said in zip(wording, remarks, strict=True))
            return {"options": options, "parts": tuple(PartDraft(PartKind.STEM, t, (r,)) for t, r in pairs)}
        case Kind.NUMERIC:
            return {"parts": (draw(_parts(PartKind.NUMBER)),)}
        case Kind.SHORT_TEXT:
            return {"parts": (draw(_parts(PartKind.TEXT)),)}
        case Kind.CLOZE | Kind.DROPDOWN:
            some = [PartKind.CHOICE] if kind is Kind.DROPDOWN else [PartKind.TEXT, PartKind.NUMBER, PartKind.CHOICE]
            parts = tuple(draw(st.sampled_from(some).flatmap(_parts)) for _ in range(count - 1))
            words = [draw(texts(12, multiline=True)) for _ in range(count)]
            numbers = draw(st.just(range(1, count)) | st.permutations(range(1, count)))
            text = "".join(f"{word} [[{number}]] " for word, number in zip(words, numbers, strict=False)) + words[-1]
            return {"text": clean(text, limit=20_000, multiline=True), "parts": parts}
        case Kind.PASSAGE | Kind.DESCRIPTION:
            return {}
        case Kind.UPLOAD:
            asked = draw(st.sets(st.sampled_from(FileKind), min_size=1))
            return {
                "most_files": draw(st.integers(1, MOST_FILES)),
                "file_kinds": tuple(kind for kind in FileKind if kind in asked),
                "guidance": draw(texts(80, multiline=True)),
            }
    limits = draw(_one((0, 0), (5, 0), (0, 300), (150, 500)))
    return {"least_words": limits[0], "most_words": limits[1], "guidance": draw(texts(80, multiline=True))}


@st.composite
def questions(draw: st.DrawFn, kinds: Iterable[Kind] = OF_WORDS) -> QuestionDraft:
    """A question of one of the kinds as a reader may hand it over."""
    kind = draw(st.sampled_from(list(kinds)))
    draft = QuestionDraft(
        code=None,
        kind=kind,
        text=draw(texts(80, multiline=True, least=1)),
        options=(),
        topic=tuple(draw(st.lists(texts(20, least=1), max_size=3))),
        difficulty=draw(st.none() | st.sampled_from(Difficulty)),
        source=draw(texts(multiline=True)),
        effective_on=draw(st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31))),
        explanation=draw(texts(multiline=True)),
        tags=tuple(draw(st.lists(texts(20, least=1), max_size=3, unique=True))),
    )
    draft = replace(draft, **draw(_body(kind)))
    return draft if not refusals_of(draft) else draw(st.nothing())


def _words(text: str) -> str:
    return " ".join(text.split())


def banks(kinds: Iterable[Kind] = OF_WORDS) -> st.SearchStrategy[list[QuestionDraft]]:
    """Questions with codes that differ, some without; some belong to a passage, among them or not."""
    return st.lists(questions(kinds), max_size=5).flatmap(_coded).flatmap(_belonging)


def _coded(drafts: list[QuestionDraft]) -> st.SearchStrategy[list[QuestionDraft]]:
    count = len(drafts)
    codes = st.lists(st.none() | texts(30, least=1), min_size=count, max_size=count)
    told_apart = codes.filter(lambda found: len({fold(c) for c in found if c}) == sum(c is not None for c in found))
    return told_apart.map(lambda found: [replace(draft, code=code) for draft, code in zip(drafts, found, strict=True)])


def _belonging(drafts: list[QuestionDraft]) -> st.SearchStrategy[list[QuestionDraft]]:
    codes = [draft.code for draft in drafts if draft.kind is Kind.PASSAGE and draft.code]
    passages = st.none() | st.sampled_from(codes) if codes else st.none() | texts(30, least=1)
    told = st.lists(passages, min_size=len(drafts), max_size=len(drafts))
    return told.map(
        lambda found: [
            draft if draft.kind in TOLD else replace(draft, passage=passage)
            for draft, passage in zip(drafts, found, strict=True)
        ]
    )


def units() -> st.SearchStrategy[list[UnitDraft]]:
    """Units with codes that differ."""
    unit = st.builds(
        UnitDraft,
        code=texts(30, least=1),
        name=texts(least=1),
        short_name=texts(),
        level=texts(),
        parent=st.none() | texts(30, least=1),
        headcount=st.none() | st.integers(0, 100_000_000),
    )
    return st.lists(unit, max_size=5, unique_by=lambda draft: fold(draft.code))


def members() -> st.SearchStrategy[list[MemberDraft]]:
    """Members as a reader may hand them over."""
    member = st.builds(
        MemberDraft,
        code=st.none() | texts(30, least=1),
        full_name=texts(least=1),
        birth_date=st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)),
        phone=st.none() | st.sampled_from(["0912345678", "+84 912 345 678", "912345678"]),
        email=st.none() | st.sampled_from(["a@example.com", "Ánh@vidu.vn"]),
        identity_number=st.none() | texts(20, least=1),
        unit=texts(30, least=1),
    )
    return st.lists(member, max_size=5)


def placeless(drafts):
    """Return drafts without their places, to be compared."""
    return [replace(draft, place=Place()) for draft in drafts]
