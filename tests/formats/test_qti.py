"""QTI out and in again in each version."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest.formats.drafts import FileDraft, OptionDraft, PartDraft
from contest.formats.losses import carrying
from contest.formats.qti import DIALECTS, read_qti, write_qti, writer
from contest.formats.recognition import read_recognised
from contest.formats.rich.importing import Importing
from contest.formats.soundness import refusals_of
from contest.rules.question_terms import Difficulty, Kind, PartKind
from contest.rules.questions.wording import folded
from contest.rules.text import clean

from ..kinds import ONE, SAMPLES, options, sample
from .drafts import ANSWERED, NASTY, banks, placeless, texts
from .test_media import picture

PNG = b"\x89PNG\r\n\x1a\nhinh"
_MAP = picture("PNG", size=(401, 299))
MAP = FileDraft(f"{hashlib.sha256(_MAP).hexdigest()[:40]}.png", _MAP)
VERSIONS = list(DIALECTS)
# Most of what the strategies make up is no question.
patient = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
HALF = Decimal("0.5")
CHOICES = (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE)


def slugs(reading):
    return [problem.refusal.slug for problem in reading.problems]


# Out and in again


def carried(kind, **values):
    """Return the sample of a kind as QTI carries it whole."""
    draft = sample(kind, **values)
    if kind is Kind.PASSAGE:
        return replace(draft, explanation="")
    if kind is Kind.HOTSPOT:
        return replace(draft, files=(MAP,), text=f"Hà Nội ở đâu?\n\n![Bản đồ](media:{MAP.name})\n\nChọn một vùng.")
    if kind is not Kind.SHORT_TEXT:
        return draft
    answers = (OptionDraft("Chủ tịch Hồ Chí Minh", ONE), OptionDraft(r"Bác \*Hồ\*", HALF))
    return replace(draft, parts=(PartDraft(PartKind.TEXT, answers=answers),))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_comes_back_as_it_went(version, kind):
    draft = carried(
        kind,
        topic=("Địa lý", "Thành phố/tỉnh"),
        tags=("thi thử", "a, b"),
        difficulty=Difficulty.HIGH_APPLICATION,
        source="Luật Thủ đô, Điều 1\nkhoản 2",
        effective_on=date(2025, 1, 1),
    )
    data, losses = write_qti([draft], version)
    reading = read_qti(data)
    assert losses == ()
    assert (placeless(reading.drafts), reading.problems) == ([draft], ())
    assert read_recognised(data) == reading


@pytest.mark.parametrize("level", list(Difficulty))
def test_every_difficulty_comes_back(level):
    assert read_qti(write_qti([sample(Kind.ESSAY, difficulty=level)], "qti3")[0]).drafts[0].difficulty is level


@st.composite
def parted(draw):
    """A question of any kind that is not a choice, as QTI carries it whole."""
    kind = draw(st.sampled_from([k for k in ANSWERED if k not in CHOICES]))
    line = texts(20, least=1).filter(lambda text: "[[" not in text)
    lines = st.lists(
        line, min_size=2, max_size=5, unique_by=lambda text: folded(text, with_case=False, with_accents=True)
    )
    shares = st.sampled_from([ONE, HALF, Decimal("0.3333333"), Decimal("0.25")])

    def text_part():
        answers = [OptionDraft(text.replace("*", r"\*"), draw(shares)) for text in draw(lines)]
        answers.insert(0, replace(answers.pop(0), weight=ONE))
        is_told_apart = any(a.text.lower() != a.text.upper() for a in answers)
        return PartDraft(PartKind.TEXT, answers=tuple(answers), with_case=is_told_apart and draw(st.booleans()))

    def number_part():
        number = st.integers(-(10**6), 10**6).map(lambda n: f"{Decimal(n).scaleb(-2).normalize():f}")
        span = st.one_of(number, number.map(lambda n: f"{n}:0.5"), st.just("-1..2.5"))
        spans = draw(st.lists(span, min_size=1, max_size=3, unique=True))
        rest = sorted((draw(shares) for _ in spans[1:]), reverse=True)
        unit = draw(st.sampled_from(["", "km²", "triệu đồng"]))
        return PartDraft(PartKind.NUMBER, answers=tuple(map(OptionDraft, spans, [ONE, *rest])), unit=unit)

    def choice_part():
        found = draw(lines)
        return PartDraft(PartKind.CHOICE, answers=options(*found, right=1))

    values = {}
    if kind is Kind.STATEMENTS:
        made = [
            PartDraft(PartKind.STATEMENT, t, (OptionDraft(draw(st.sampled_from(["true", "false"])), ONE),))
            for t in draw(lines)
        ]
        values = {"parts": tuple(made)}
    elif kind is Kind.MATCHING:
        found = draw(lines)
        made = [PartDraft(PartKind.STEM, t, (OptionDraft(draw(st.sampled_from(found)), ONE),)) for t in draw(lines)]
        values = {"options": options(*found), "parts": tuple(made)}
    elif kind is Kind.ORDERING:
        values = {"options": options(*draw(lines))}
    elif kind is Kind.NUMERIC:
        values = {"parts": (number_part(),)}
    elif kind is Kind.SHORT_TEXT:
        values = {"parts": (text_part(),)}
    elif kind in (Kind.CLOZE, Kind.DROPDOWN):
        ways = [choice_part] if kind is Kind.DROPDOWN else [choice_part, number_part, text_part]
        made = tuple(draw(st.sampled_from(ways))() for _ in range(draw(st.integers(1, 4))))
        words = "".join(f"{draw(line)} [[{n}]] " for n in range(1, len(made) + 1)) + draw(st.sampled_from(["", "hết."]))
        values = {"parts": made, "text": words.strip()}
    elif kind is Kind.ESSAY:
        least = draw(st.integers(0, 10))
        values = {"parts": (), "options": (), "least_words": least, "most_words": draw(st.sampled_from([0, 300]))}
        values["guidance"] = draw(texts(multiline=True))
    draft = sample(kind, **{"text": draw(line), "explanation": draw(texts(multiline=True)), **values})
    return draft if not refusals_of(draft) else draw(st.nothing())


@pytest.mark.parametrize("version", VERSIONS)
@given(draft=parted())
@patient
def test_questions_in_parts_read_back_the_same(version, draft):
    data, losses = write_qti([draft], version)
    reading = read_qti(data)
    assert losses == ()
    assert (placeless(reading.drafts), reading.problems) == ([draft], ())


@pytest.mark.parametrize("version", VERSIONS)
@given(drafts=banks(CHOICES))
@patient
def test_choices_read_back_the_same(version, drafts):
    data, losses = write_qti(drafts, version)
    reading = read_qti(data)
    assert losses == ()
    expected = () if drafts else ("no-questions",)
    assert (placeless(reading.drafts), tuple(slugs(reading))) == (drafts, expected)


@pytest.mark.parametrize("said", NASTY)
def test_what_has_been_trouble_elsewhere_is_only_words(said):
    one, many = clean(said, limit=200), clean(said, limit=200, multiline=True)
    draft = sample(Kind.SINGLE_CHOICE, text=many, options=options(many, "khác", right=1), topic=(one,), tags=(one,))
    assert placeless(read_qti(write_qti([draft], "qti21")[0]).drafts) == [draft]


_RICH = "**Đậm**, *nghiêng*, ++gạch++, x^2^ và $a<b$\n\n3. ba\n4. bốn\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"


def rich():
    """Return a rich question with a picture, which it also shows in an option."""
    texts_of = Importing(is_rich=True)
    name = texts_of._kept(b64encode(PNG).decode())
    return sample(
        Kind.SINGLE_CHOICE,
        text=f"{_RICH}\n\n![Bản đồ](media:{name})",
        options=(OptionDraft(f"![Hà Nội](media:{name})", ONE, "*Đúng*"), OptionDraft("$$\\frac{1}{2}$$", Decimal(0))),
        explanation="- một\n- hai",
        rich=True,
        files=(FileDraft(name, PNG),),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_rich_texts_and_their_files_come_back(version):
    data, losses = write_qti([rich()], version)
    reading = read_qti(data)
    assert losses == ()
    assert (placeless(reading.drafts), reading.problems) == ([rich()], ())


@pytest.mark.parametrize("version", VERSIONS)
def test_same_questions_are_the_same_bytes(version):
    drafts = [*(carried(kind) for kind in Kind), rich()]
    assert write_qti(drafts, version) == write_qti(drafts, version)


def _said(parts):
    """Return parts in which something is said of an answer."""
    return tuple(replace(p, answers=(replace(p.answers[0], feedback="vì"), *p.answers[1:])) for p in parts)


def test_what_qti_cannot_carry_is_named():
    lone = PartDraft(PartKind.TEXT, answers=(OptionDraft("*Hồ Chí Minh*", ONE),))
    drafts = [
        sample(Kind.SHORT_TEXT),
        sample(Kind.SHORT_TEXT, "SAO", parts=(lone,)),
        sample(
            Kind.DROPDOWN,
            parts=tuple(
                replace(p, answers=(replace(p.answers[0], text="hai\ndòng"), *p.answers[1:]))
                for p in SAMPLES[Kind.DROPDOWN]["parts"]
            ),
        ),
        sample(Kind.DROPDOWN, "NOI", parts=_said(SAMPLES[Kind.DROPDOWN]["parts"])),
        replace(rich(), files=()),
    ]
    data, losses = write_qti(drafts, "qti22")
    assert [(p.refusal.slug, p.refusal.params["count"], p.excerpt) for p in losses] == [
        ("qti-left-out", 1, "SAO"),
        ("qti-patterns", 1, "K-short_text"),
        ("qti-accents", 1, "K-short_text"),
        ("qti-flat-choices", 1, "K-dropdown"),
        ("lost-feedback", 1, "NOI"),
        ("lost-media", 1, "K-single_choice"),
    ]
    assert len(read_qti(data).drafts) == 4


def test_writer_is_carried_like_any_other():
    data, losses = carrying("QTI 2.1", (Kind.ESSAY,), writer("qti21"))([sample(Kind.ESSAY), sample(Kind.NUMERIC)])
    assert [p.refusal.slug for p in losses] == ["lost-question"]
    assert len(read_qti(data).drafts) == 1
