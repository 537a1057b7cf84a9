"""Rich questions in every format: what carries them reads back the same, what does not says so."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from html import escape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contest.formats import wire
from contest.formats.aiken import write_aiken
from contest.formats.drafts import FileDraft, OptionDraft, QuestionDraft, Reading
from contest.formats.gift import read_gift, write_gift
from contest.formats.moodle import read_moodle, write_moodle
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Audio, Picture, Text, map_inlines
from contest.formats.rich.questions import (
    from_plain,
    in_one_form,
    map_texts,
    media_names,
    plain_words,
    rename_media,
    words,
)
from contest.formats.rich.tidying import tidy
from contest.formats.rich.writing import write
from contest.formats.soundness import refusals_of
from contest.formats.tables import read_questions, write_questions
from contest.formats.word import write_word
from contest.rules.question_terms import Kind

from .drafts import placeless, texts
from .test_media import a_wave, picture
from .test_round_trips import patient
from .trees import small_trees

_PICTURE = picture("PNG")
_NAME = f"{hashlib.sha256(_PICTURE).hexdigest()[:40]}.png"
_SOUND = a_wave(rate=10)
_SOUND_NAME = f"{hashlib.sha256(_SOUND).hexdigest()[:40]}.wav"
_FILES = {_NAME: _PICTURE, _SOUND_NAME: _SOUND}
_AS_FILES = {"aB3-640x480.png": _NAME, "x.webp": _NAME, "c-1x1.jpg": _NAME, "nghe.mp3": _SOUND_NAME}
_written = small_trees.map(write).filter(bool)


@st.composite
def rich_questions(draw):
    """A rich question that may be asked; every picture has words and a file."""
    wording = draw(st.lists(_written, min_size=2, max_size=2, unique_by=lambda text: " ".join(text.split())))
    options = tuple(OptionDraft(text, Decimal(n == 0), draw(st.just("") | _written)) for n, text in enumerate(wording))
    text = draw(_written)
    draft = QuestionDraft("x1", Kind.SINGLE_CHOICE, text, options, explanation=draw(st.just("") | _written), rich=True)
    draft = rename_media(draft, _AS_FILES)
    draft = replace(draft, files=tuple(FileDraft(n, _FILES[n]) for n in media_names(draft)))
    return draft if not refusals_of(draft) and draft != plain_words(draft) else draw(st.nothing())


@given(rich_questions())
@patient
def test_moodle_carries_everything(draft):
    data, losses = write_moodle([draft])
    reading = read_moodle(data)
    assert (losses, [p.refusal.slug for p in reading.problems]) == ((), [])
    (found,) = placeless(reading.drafts)
    if found.rich:  # one without anything rich in it comes back plain
        assert replace(found, files=()) == replace(draft, files=())
        assert set(found.files) == set(draft.files)
    else:
        assert found.text == plain_words(draft).text or not draft.files


def _without_media(inline):
    return Text("hình") if isinstance(inline, Picture | Audio) else inline


@given(rich_questions())
@patient
def test_gift_carries_all_but_pictures(draft):
    draft = replace(map_texts(draft, lambda text: write(tidy(map_inlines(read(text), _without_media)))), files=())
    assume(not refusals_of(draft) and draft != plain_words(draft))
    data, losses = write_gift([draft])
    (found,) = placeless(read_gift(data).drafts)
    assert losses == ()
    assert found == draft or not found.rich


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@given(drafts=st.lists(rich_questions().map(lambda draft: replace(draft, code=None, files=())), min_size=1, max_size=3))
@patient
def test_tables_carry_the_markdown(form, drafts):
    reading = read_questions(write_questions(drafts, format=form))
    assert (placeless(reading.drafts), reading.problems) == (drafts, ())


@given(rich_questions())
def test_files_cross_the_wire(draft):
    reading = Reading((draft,), ())
    assert wire.decode(wire.encode(reading), QuestionDraft) == reading


@given(texts(200, multiline=True))
@patient
def test_plain_text_made_rich_says_the_same(text):
    assert words(from_plain(text), rich=True).split() == text.split()
    assert write_once(from_plain(text)) == from_plain(text)


def write_once(text):
    return in_one_form(QuestionDraft(None, Kind.SINGLE_CHOICE, text, (), rich=True)).text


RICH = QuestionDraft(
    "a",
    Kind.SINGLE_CHOICE,
    f"**Hình** nào?\n\n![Sơ đồ](media:{_NAME})",
    (OptionDraft("$x^2$", Decimal(1)), OptionDraft("*b*", Decimal(0))),
    rich=True,
    files=(FileDraft(_NAME, _PICTURE),),
)


@pytest.mark.parametrize(
    ("write_format", "told"),
    [
        (write_aiken, ["lost-rich", "lost-media", "lost-code"]),
        (write_word, []),
        (write_gift, ["lost-media"]),
        (write_moodle, []),
    ],
)
def test_what_is_lost_is_said(write_format, told):
    data, losses = write_format([RICH])
    assert [p.refusal.slug for p in losses if p.refusal.slug != "lost-lines"] == told
    if write_format is write_aiken:
        assert data.decode() == "Hình nào? Sơ đồ\nA) x^2\nB) b\nANSWER: A\n"
    if write_format is write_gift:
        (found,) = read_gift(data).drafts
        assert (found.text, found.options[0].text) == ("**Hình** nào?\n\n[Sơ đồ]", "$x^2$")


@pytest.mark.parametrize(
    ("text", "field", "slug"),
    [
        ("![](media:a.png)", "text", "picture-unnamed"),
        ("$\\foo$", "text", "formula-command"),
        ("![a](media:a.png)" * 21, "text", "too-many-media"),
        ("| a | b |\n| --- | --- |\n" + "| 1 | 2 |\n" * 200, "text", "table-too-large"),
        ("a" * 20_001, "text", "too-long"),
        ("{}", "text", "required"),
    ],
)
def test_text_that_may_not_be_asked_is_refused_at_its_field(text, field, slug):
    draft = in_one_form(replace(RICH, text=text))
    assert [(r.field, r.slug) for r in refusals_of(draft)] == [(field, slug)]
    beside = in_one_form(replace(RICH, options=(OptionDraft(text, Decimal(1)), RICH.options[1])))
    assert refusals_of(beside)[0].field == "option-1"


def moodle_with(file, content, shown="x"):
    text = escape(f'<p>Hình <img src="@@PLUGINFILE@@/{shown}" alt="H"></p>')
    body = f'<questiontext><text>{text}</text><file name="{file}" encoding="base64">{content}</file></questiontext>'
    answers = '<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>'
    return f'<quiz><question type="multichoice">{body}{answers}</question></quiz>'.encode()


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "media-foreign"),
        (b"\xd7\xcd\xc6\x9a" + b"\0" * 40, "media-foreign"),
        (b"<html><script>", "media-kind"),
        (b"", "media-kind"),
    ],
)
def test_file_that_is_no_picture_is_refused_by_name(content, slug):
    reading = read_moodle(moodle_with("x", b64encode(content).decode()))
    assert (reading.drafts, [p.refusal.slug for p in reading.problems]) == ((), [slug])


def test_file_that_is_no_base64_is_refused():
    assert [p.refusal.slug for p in read_moodle(moodle_with("x", "%%%")).problems] == ["media-damaged"]


def test_picture_keeps_nothing_of_its_name():
    reading = read_moodle(moodle_with("dap_an_B.png", b64encode(_PICTURE).decode(), "dap_an_B.png"))
    assert reading.drafts[0].text == f"Hình ![H](media:{_NAME})"
    assert reading.drafts[0].files == (FileDraft(_NAME, _PICTURE),)
