"""The rich texts of a question: in their one form, what is wrong with them, and their plain words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from contest.formats.drafts import SHORT_LIMIT, TEXT_LIMIT, PartDraft, QuestionDraft
from contest.formats.rich.markdown import read
from contest.formats.rich.maths import BadFormula, mathml
from contest.formats.rich.nodes import (
    Audio,
    Block,
    Break,
    Formula,
    Inline,
    Paragraph,
    Picture,
    Table,
    Text,
    Tree,
    inlines_of,
    map_inlines,
    media_of,
    words_of,
)
from contest.formats.rich.tidying import tidy
from contest.formats.rich.writing import write
from contest.rules.question_terms import PartKind
from contest.rules.questions.choices import option_field
from contest.rules.questions.parts import part_field
from contest.rules.refusals import Refusal

MOST_CELLS, MOST_MEDIA = 400, 20


def map_texts(draft: QuestionDraft, change: Callable[[str], str]) -> QuestionDraft:
    """Return a draft with every text changed that may be rich; empty ones stay empty."""

    def changed(text: str) -> str:
        return change(text) if text else ""

    def part(p: PartDraft) -> PartDraft:
        shown = p.kind in {PartKind.STEM, PartKind.CHOICE}  # what is typed or true is compared, and never marked up
        answers = (
            replace(a, text=changed(a.text) if shown else a.text, feedback=changed(a.feedback)) for a in p.answers
        )
        return replace(p, text=changed(p.text), answers=tuple(answers))

    options = tuple(replace(o, text=changed(o.text), feedback=changed(o.feedback)) for o in draft.options)
    parts, explanation, guidance = tuple(map(part, draft.parts)), changed(draft.explanation), changed(draft.guidance)
    return replace(
        draft, text=changed(draft.text), options=options, parts=parts, explanation=explanation, guidance=guidance
    )


def texts_of(draft: QuestionDraft) -> Iterator[tuple[str, str, int]]:
    """Yield the texts that may be rich, with the field each belongs to and the most characters it may have."""
    yield "text", draft.text, TEXT_LIMIT
    for number, option in enumerate(draft.options, start=1):
        yield option_field(number), option.text, SHORT_LIMIT
        yield option_field(number), option.feedback, SHORT_LIMIT
    for number, part in enumerate(draft.parts, start=1):
        yield part_field(number), part.text, SHORT_LIMIT
        for answer in part.answers:
            yield part_field(number), answer.feedback, SHORT_LIMIT
            if part.kind is PartKind.CHOICE:
                yield part_field(number), answer.text, SHORT_LIMIT
    yield "explanation", draft.explanation, TEXT_LIMIT
    yield "guidance", draft.guidance, TEXT_LIMIT


def in_one_form(draft: QuestionDraft) -> QuestionDraft:
    """Return a draft whose rich texts have their one form, so that two that mean the same are the same."""
    return map_texts(draft, lambda text: write(read(text))) if draft.rich else draft


def plain_words(draft: QuestionDraft) -> QuestionDraft:
    """Return a draft as formats without markup have it."""
    return replace(map_texts(draft, lambda text: words_of(read(text))), rich=False) if draft.rich else draft


def words(text: str, *, rich: bool) -> str:
    """Return the plain words of a text."""
    return _words(text) if rich else text


@lru_cache(maxsize=8192)  # looking for near-duplicates asks for those of a whole bank, again and again
def _words(text: str) -> str:
    return words_of(read(text))


def from_plain(text: str) -> str:
    """Return a plain text as Markdown that shows it as it is: a blank line parts paragraphs."""
    return write(tree_of_plain(text))


def tree_of_plain(text: str) -> Tree:
    """Return a plain text as a tree."""
    return tidy(Paragraph(tuple(_lines(part))) for part in text.split("\n\n"))


def _lines(text: str) -> Iterator[Text | Break]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Break()
        yield Text(line)


def is_plain(tree: Tree) -> bool:
    """Say whether a plain text says as much as a tree."""
    return all(isinstance(block, Paragraph) for block in tree) and all(
        isinstance(inline, Break) or (isinstance(inline, Text) and not inline.marks)
        for inlines in inlines_of(tree)
        for inline in inlines
    )


def refusals_of_texts(draft: QuestionDraft) -> tuple[Refusal, ...]:
    """Return what is wrong with the rich texts of a draft; each names its field."""
    if not draft.rich:
        return ()
    found = ((field, refusal) for field, text, limit in texts_of(draft) for refusal in _refusals(text, limit))
    return tuple(Refusal(refusal.slug, refusal.params, field) for field, refusal in found)


def _refusals(text: str, limit: int) -> Iterator[Refusal]:
    if len(text) > limit:
        yield Refusal("too-long", {"limit": limit})
        return
    tree = read(text)
    for inlines in inlines_of(tree):
        for inline in inlines:
            if isinstance(inline, Formula):
                yield from _refusals_of_formula(inline)
    shown = media_of(tree)
    if any(not (medium.alt if isinstance(medium, Picture) else medium.label) for medium in shown):
        yield Refusal("picture-unnamed")
    if len(shown) > MOST_MEDIA:
        yield Refusal("too-many-media", {"limit": MOST_MEDIA})
    if _cells(tree) > MOST_CELLS:
        yield Refusal("table-too-large", {"limit": MOST_CELLS})


def _refusals_of_formula(formula: Formula) -> Iterator[Refusal]:
    try:
        mathml(formula.tex)
    except BadFormula as bad:
        yield bad.refusal


def _cells(blocks: Iterable[Block]) -> int:
    count = 0
    for block in blocks:
        if isinstance(block, Table):
            count += len(block.head) * (len(block.rows) + 1)
        elif not isinstance(block, Paragraph):
            count += sum(_cells(item) for item in getattr(block, "items", ()))
    return count


def media_names(draft: QuestionDraft) -> tuple[str, ...]:
    """Return the names of the pictures and recordings that a draft shows, each once."""
    if not draft.rich:
        return ()
    return tuple(dict.fromkeys(medium.name for _, text, _ in texts_of(draft) for medium in media_of(read(text))))


def pictures_of(draft: QuestionDraft) -> tuple[Picture, ...]:
    """Return the pictures in the text of a draft; a plain one has none."""
    return tuple(m for m in media_of(read(draft.text)) if isinstance(m, Picture)) if draft.rich else ()


def rename_media(draft: QuestionDraft, names: Mapping[str, str]) -> QuestionDraft:
    """Return a draft that shows what it shows under other names; those that are not told stay."""

    def renamed(inline: Inline) -> Inline:
        return (
            replace(inline, name=names.get(inline.name, inline.name)) if isinstance(inline, Picture | Audio) else inline
        )

    return map_texts(draft, lambda text: write(map_inlines(read(text), renamed))) if names else draft
