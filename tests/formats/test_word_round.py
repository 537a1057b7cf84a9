"""Rich questions of every kind out to Word and back: what comes back is equal, and what does not is named."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.mutants import mutant
from contest.formats.drafts import OF_WORDS, OptionDraft, PartDraft, QuestionDraft
from contest.formats.losses import carrying
from contest.formats.rich.importing import file_of
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Audio, Break, Formula, Paragraph, Picture, Text, map_inlines
from contest.formats.rich.questions import in_one_form, media_names
from contest.formats.rich.tidying import tidy
from contest.formats.rich.writing import write
from contest.formats.soundness import refusals_of
from contest.formats.word import read_word, write_word
from contest.rules.question_terms import Kind, PartKind
from contest.rules.text import clean
from tests.kinds import sample

from .archives import parts_of, zipped
from .drafts import placeless
from .test_word_files import words as structure
from .trees import small_trees, trees

few = settings(deadline=None, max_examples=15)
_FORMULAS = [
    "x^2",
    "\\frac{1}{2}",
    "\\sqrt[3]{x}",
    "\\sum_{i=1}^n i = 5",
    "A \\cup B",
    "\\begin{cases} x \\\\ y \\end{cases}",
]
ONE, NONE = Decimal(1), Decimal(0)


@cache
def picture(number):
    out = BytesIO()
    Image.new("RGB", (3 + number, 4), "blue").save(out, "PNG")
    return file_of(out.getvalue())


def carried(tree):
    """Return a tree of what Word carries: pictures that are there, formulas that are sound, no sound."""

    def inline(found):
        match found:
            case Picture(name, alt):
                return Picture(picture(len(name) % 3).name, alt or "Hình")
            case Audio(_, label):
                return Text(label)
            case Formula(tex, is_display):
                return Formula(_FORMULAS[len(tex) % len(_FORMULAS)], is_display)
            case _:
                return found

    return tidy(map_inlines(tree, inline))


def cleaned(text, limit=2_000):
    return clean(text, limit=limit, multiline=True, indented=True)


written = (
    st.one_of(small_trees, trees)
    .map(carried)
    .map(write)
    .filter(lambda t: bool(t) and cleaned(t) == t and len(t) < 1_500)
)


def is_line(text):
    tree = read(text)
    return len(tree) == 1 and isinstance(tree[0], Paragraph) and Break() not in tree[0].inlines


lines = small_trees.map(carried).map(write).filter(lambda t: bool(t) and cleaned(t) == t and is_line(t))
like_structure = structure(200, multiline=True).map(lambda text: write(read(text))).filter(bool)
texts = written | like_structure
plain = st.sampled_from(["Hà Nội", "một = hai", "A. x", "Chọn: y", "50%: z"])


def _unique(strategy, least, most):
    return st.lists(strategy, min_size=least, max_size=most, unique_by=lambda text: " ".join(text.split()))


def _choice(draw):
    found = draw(_unique(lines.filter(lambda t: not t.startswith("50%")), 2, 3))
    return PartDraft(
        PartKind.CHOICE, answers=tuple(OptionDraft(t, ONE if n == 0 else NONE) for n, t in enumerate(found))
    )


def _body(draw, kind):
    match kind:
        case Kind.SINGLE_CHOICE | Kind.ORDERING:
            found = draw(_unique(texts, 2, 4))
            right = 0 if kind is Kind.SINGLE_CHOICE else -1
            return {"options": tuple(OptionDraft(t, ONE if n == right else NONE) for n, t in enumerate(found))}
        case Kind.STATEMENTS:
            truths = [OptionDraft(draw(st.sampled_from(["true", "false"])), ONE) for _ in range(2)]
            return {
                "parts": tuple(
                    PartDraft(PartKind.STATEMENT, t, (truth,))
                    for t, truth in zip(draw(_unique(texts, 2, 2)), truths, strict=True)
                )
            }
        case Kind.MATCHING:
            options = draw(_unique(texts, 2, 3))
            stems = draw(_unique(texts, 2, 3))
            right = [OptionDraft(draw(st.sampled_from(options)), ONE) for _ in stems]
            return {
                "options": tuple(OptionDraft(text, NONE) for text in options),
                "parts": tuple(PartDraft(PartKind.STEM, t, (r,)) for t, r in zip(stems, right, strict=True)),
            }
        case Kind.DROPDOWN:
            return {"parts": (_choice(draw), _choice(draw)), "text": draw(texts) + "\n\nChọn [[1]] và [[2]]"}
        case Kind.CLOZE:
            words = PartDraft(PartKind.TEXT, answers=(OptionDraft(draw(plain), ONE),))
            return {"parts": (words, _choice(draw)), "text": draw(texts) + "\n\nĐiền [[1]] và [[2]]"}
        case Kind.SHORT_TEXT:
            return {"parts": (PartDraft(PartKind.TEXT, answers=(OptionDraft(draw(plain), ONE),)),)}
        case Kind.NUMERIC:
            return {"parts": (PartDraft(PartKind.NUMBER, answers=(OptionDraft("12.5", ONE),), unit="km"),)}
    return {}


KINDS = [
    Kind.SINGLE_CHOICE, Kind.STATEMENTS, Kind.MATCHING, Kind.ORDERING, Kind.NUMERIC, Kind.SHORT_TEXT, Kind.CLOZE, Kind.DROPDOWN,
    Kind.ESSAY, Kind.PASSAGE, Kind.DESCRIPTION,
]  # fmt: skip


@st.composite
def rich_questions(draw, kind):
    """A rich question of a kind that Word carries whole."""
    draft = QuestionDraft("C-1", kind, draw(texts), (), explanation=draw(st.just("") | texts), rich=True)
    draft = in_one_form(replace(draft, **_body(draw, kind)))
    draft = replace(draft, files=tuple(f for f in map(picture, range(3)) if f.name in media_names(draft)))
    return draft if not refusals_of(draft) else draw(st.nothing())


def filed(draft):
    return replace(draft, files=tuple(sorted(draft.files, key=lambda file: file.name)))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@few
def test_rich_question_reads_back_the_same(kind, data):
    draft = data.draw(rich_questions(kind))
    document, losses = write_word([draft])
    reading = read_word(document)
    assert (losses, [p.refusal for p in reading.problems]) == ((), [])
    assert [filed(d) for d in placeless(reading.drafts)] == [filed(draft)]


RICH = QuestionDraft(
    "C-1", Kind.SINGLE_CHOICE, "Hỏi **gì** $x^2$?", (OptionDraft("$a$", ONE), OptionDraft("b", NONE)), rich=True
)


@pytest.mark.parametrize(("changes", "slug"), [
    ({"text": "![Hình](media:khong-co.png)"}, "lost-media"),
    ({"text": "![Nghe](media:nghe.mp3)"}, "word-lost-sounds"),
    ({"text": "$\\begin{array}{l|r} 1 & 2 \\end{array}$"}, "word-formulas-as-words"),
    ({"text": "$x^2$ và $x^{2}$"}, None),
])  # fmt: skip
def test_what_word_does_not_carry_of_rich_texts_is_named(changes, slug):
    losses = write_word([replace(RICH, **changes)])[1]
    assert [p.refusal.slug for p in losses] == ([slug] if slug else [])


def test_webp_goes_out_as_png_and_it_is_said():
    out = BytesIO()
    Image.new("RGB", (4, 4), "blue").save(out, "WEBP")
    file = file_of(out.getvalue())
    document, losses = write_word([replace(RICH, text=f"![Hình](media:{file.name})", files=(file,))])
    assert [p.refusal.slug for p in losses] == ["word-webp"]
    assert read_word(document).drafts[0].files[0].name.endswith(".png")


def test_changed_equation_is_read_as_it_stands():
    document = write_word([RICH])[0]
    parts = parts_of(document)
    parts["word/document.xml"] = parts["word/document.xml"].replace(b">2</m:t>", b">3</m:t>")
    assert read_word(document).drafts[0].text == "Hỏi **gì** $x^2$?"
    assert read_word(zipped(parts)).drafts[0].text == "Hỏi **gì** $x^{3}$?"


def test_passage_comes_back_with_its_questions():
    passage = QuestionDraft("D-1", Kind.PASSAGE, "Đọc *kỹ*.", (), rich=True)
    drafts = [passage, replace(RICH, passage="D-1"), QuestionDraft("L-1", Kind.DESCRIPTION, "Phần hai.", ())]
    document, losses = carrying("Word", OF_WORDS, write_word)(drafts)
    assert (losses, placeless(read_word(document).drafts)) == ((), drafts)


def test_hotspot_is_left_out_and_named():
    losses = carrying("Word", OF_WORDS, write_word)([sample(Kind.HOTSPOT)])[1]
    assert [p.refusal.slug for p in losses] == ["lost-question"]


def test_damaged_rich_documents_are_read_or_refused():
    outcomes = [read_word(data) for data in (mutant("docx", 19450902, number) for number in range(120))]
    assert all(reading.drafts or reading.problems for reading in outcomes)
    assert sum(any(draft.files for draft in reading.drafts) for reading in outcomes) > 8
