"""The English catalogue: complete, true to the placeholders, compiled, and speakable in every form of address."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

from contest.config import ROOT
from contest.i18n import CATALOGUES, LOCALES, Speech
from contest.rules.labels import LABELS
from contest.rules.refusals import TEXTS, Refusal
from contest.rules.terms import Address

FOLDER = CATALOGUES / "en" / "LC_MESSAGES"
FILLED_IN = re.compile(r"%\((\w+)\)s")
KEPT = re.compile(r"%%|\*|\n|\{\w+\}")  # what a translation has as often as its id
LEFT_OVER = re.compile(r"%\(|%%")
ADDRESS = {"address", "Address"}


def read(folder: Path) -> Catalog:
    with (folder / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if message.pluralizable else (message.id,)


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (message.string,)


def untranslated(catalogue: Catalog) -> list[str]:
    return [ids(m)[0] for m in catalogue if m.id and (m.fuzzy or not all(strings(m)))]


def unfaithful(catalogue: Catalog) -> list[str]:
    """Return the translations that name a placeholder their id lacks, or keep less or more than is to be kept."""
    return [
        text
        for message in catalogue
        if message.id
        for original, text in zip(ids(message), strings(message), strict=True)
        if not set(FILLED_IN.findall(text)) <= set(FILLED_IN.findall(original)) | ADDRESS
        or sorted(KEPT.findall(text)) != sorted(KEPT.findall(original))
    ]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "copied"))


def brought_up_to_date(folder: Path) -> Catalog:
    subprocess.run([ROOT / "deploy" / "translate", folder], check=True)
    return read(folder)


def changed(folder: Path, change: Callable[[Catalog], object]) -> None:
    catalogue = read(folder)
    change(catalogue)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalogue)


def test_catalogue_holds_the_texts_of_the_source_and_no_other(copied: Path) -> None:
    brought_up_to_date(copied)
    for name in ("messages.po", "messages.mo"):
        assert (copied / name).read_bytes() == (FOLDER / name).read_bytes(), (
            f"{name} is not what deploy/translate writes"
        )


def test_every_text_is_translated() -> None:
    assert untranslated(read(FOLDER)) == []


def test_a_text_that_was_taken_out_is_noticed(copied: Path) -> None:
    changed(copied, lambda catalogue: catalogue.delete("Nộp bài"))
    assert untranslated(brought_up_to_date(copied)) == ["Nộp bài"]


def test_an_unsure_translation_is_noticed(copied: Path) -> None:
    changed(copied, lambda catalogue: catalogue["Nộp bài"].flags.add("fuzzy"))
    assert untranslated(read(copied)) == ["Nộp bài"]


def test_a_text_that_no_source_has_is_dropped(copied: Path) -> None:
    changed(copied, lambda catalogue: catalogue.add("Không ai nói câu này", "Nobody says this"))
    assert "Không ai nói câu này" not in brought_up_to_date(copied)
    assert (copied / "messages.po").read_bytes() == (FOLDER / "messages.po").read_bytes()


def test_placeholders_are_those_of_the_source() -> None:
    assert unfaithful(read(FOLDER)) == []


@pytest.mark.parametrize(
    ("original", "text", "is_faithful"),
    [
        ("%(Address)s còn %(num)s lượt", "You have %(num)s attempts left", True),
        ("%(num)s lượt", "%(Address)s: %(num)s attempts", True),
        ("%(num)s lượt", "Attempts", True),
        ("%(num)s lượt", "%(n)s attempts", False),
        ("Chưa lưu {n} câu", "Not saved", False),
        ("còn *%(num)s lượt*", "*%(num)s attempts left", False),
        ("từ -%(most)s%% đến %(most)s%%", "from -%(most)s%% to %(most)s", False),
    ],
)
def test_an_unfaithful_text_is_noticed(original: str, text: str, is_faithful: bool) -> None:
    catalogue = Catalog(locale="en")
    catalogue.add(original, text)
    assert unfaithful(catalogue) == ([] if is_faithful else [text])


def test_compiled_catalogue_says_what_the_source_says() -> None:
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = {ids(m): strings(m) for m in read_mo(file) if m.id}
    assert compiled == {ids(m): strings(m) for m in read(FOLDER) if m.id}


def spoken(text: str, slug: str, speech: Speech) -> str:
    """Say a refusal with a parameter for every placeholder."""
    names = set(FILLED_IN.findall(text)) - ADDRESS
    return speech.said(
        Refusal(slug, {n: datetime(2026, 5, 24, 14, tzinfo=UTC) if n.endswith("_at") else 7 for n in names})
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("address", Address)
def test_labels_and_refusals_can_be_said(locale: str, address: Address) -> None:
    speech = Speech(locale, address=address)
    said = [speech.label(member) for member in LABELS] + [spoken(text, slug, speech) for slug, text in TEXTS.items()]
    assert [text for text in said if not text.strip() or LEFT_OVER.search(text)] == []


def test_english_has_one_form_of_address() -> None:
    friend, comrade = (Speech("en", address=address) for address in Address)
    assert [spoken(t, s, friend) for s, t in TEXTS.items()] == [spoken(t, s, comrade) for s, t in TEXTS.items()]
    assert friend.text("%(Address)s, %(address)s") == "You, you"


@pytest.mark.parametrize(
    ("locale", "address", "said"),
    [
        ("vi", Address.FRIEND, "Bạn đã dùng hết 7 lượt của vòng này."),
        ("vi", Address.COMRADE, "Đồng chí đã dùng hết 7 lượt của vòng này."),
        ("en", Address.COMRADE, "You have used all 7 attempts of this round."),
    ],
)
def test_a_refusal_in_each_form(locale: str, address: Address, said: str) -> None:
    assert Speech(locale, address=address).said(Refusal("attempts-used-up", {"allowed": 7})) == said


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 attempts"), (1, "1 attempt"), (2, "2 attempts"), (1042, "1,042 attempts")]
)
def test_english_counts(n: int, said: str) -> None:
    assert Speech("en").plural("%(num)s lượt", "%(num)s lượt", n) == said
