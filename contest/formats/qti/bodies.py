"""The body of a written item by the kind of its question, and the responses to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.formats.media import size_of
from contest.formats.qti import areas
from contest.formats.qti.dialects import Dialect
from contest.formats.qti.scoring import FEEDBACK, ONE, Response, is_pattern, of_part
from contest.formats.qti.wording import Texts, type_of
from contest.formats.rich.markdown import read
from contest.formats.rich.nodes import Block, Paragraph, Picture, Text, Tree, map_inlines, media_of
from contest.formats.rich.questions import from_plain, words
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.choices import even_weights
from contest.rules.questions.true_false import FALSE as NO
from contest.rules.questions.true_false import TRUE as YES

RESPONSE = "RESPONSE"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks: its XML, the responses to it, and whether it tells something of what was chosen."""

    body: str
    responses: tuple[Response, ...]
    tells: bool = False


def asked(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    """Return the body of a question and its responses."""
    return _WRITERS[draft.kind](draft, texts, dialect)


def _chosen(draft: QuestionDraft) -> Response:
    """Return the response to options of which one or several are chosen."""
    is_multiple = draft.kind is Kind.MULTIPLE_CHOICE
    weights = tuple(option.weight for option in draft.options)
    names = _names(draft.options)
    right = tuple(n for n, w in zip(names, weights, strict=True) if (w > 0 if is_multiple else w == 1))
    shares = iter(even_weights(len(right)))
    is_plain = weights == tuple(next(shares) if name in right else 0 for name in names)
    mapped = () if is_plain else tuple(zip(names, weights, strict=True))
    cardinality = "multiple" if is_multiple else "single"
    return Response(RESPONSE, cardinality, "identifier", right, mapped, is_bounded=True)


def _choice(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    e, response, names = dialect.element, _chosen(draft), _names(draft.options)
    tells = any(option.feedback for option in draft.options)
    choices = (
        e("simpleChoice", {"identifier": name}, texts.written(o.text), _feedback(o, name, texts, dialect))
        for name, o in zip(names, draft.options, strict=True)
    )
    most = 0 if draft.kind is Kind.MULTIPLE_CHOICE else 1
    told = {"responseIdentifier": RESPONSE, "shuffle": "true", "maxChoices": most}
    return Asked(texts.block(draft.text) + e("choiceInteraction", told, *choices), (response,), tells)


def _feedback(option: OptionDraft, name: str, texts: Texts, dialect: Dialect) -> str:
    if not option.feedback:
        return ""
    told = {"outcomeIdentifier": FEEDBACK, "identifier": name, "showHide": "show"}
    return dialect.element("feedbackBlock", told, texts.block(option.feedback))


def _order(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    e, names = dialect.element, _names(draft.options)
    choices = (
        e("simpleChoice", {"identifier": name}, texts.written(o.text), _feedback(o, name, texts, dialect))
        for name, o in zip(names, draft.options, strict=True)
    )
    tells = any(option.feedback for option in draft.options)
    interaction = e("orderInteraction", {"responseIdentifier": RESPONSE, "shuffle": "true"}, *choices)
    response = Response(RESPONSE, "ordered", "identifier", tuple(names))
    return Asked(texts.block(draft.text) + interaction, (response,), tells)


def _match(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    """Write stems or statements as rows, with what they are matched with as columns."""
    if draft.kind is Kind.STATEMENTS:
        columns = {"true": YES, "false": NO}
        by_answer = {name: name for name in columns}
    else:
        columns = dict(zip(_names(draft.options), (o.text for o in draft.options), strict=True))
        by_answer = {text: name for name, text in columns.items()}
    rows = {f"S{number}": part for number, part in enumerate(draft.parts, start=1)}
    pairs = tuple((f"{row} {by_answer[a.text]}", a.weight) for row, part in rows.items() for a in part.answers)
    right = tuple(pair for pair, weight in pairs if weight == 1)
    response = Response(RESPONSE, "multiple", "directedPair", right, pairs)
    sets = (
        _match_set({name: part.text for name, part in rows.items()}, 1, texts, dialect),
        _match_set(columns, 0, texts, dialect),
    )
    is_shuffled = "false" if draft.kind is Kind.STATEMENTS else "true"
    told = {"responseIdentifier": RESPONSE, "shuffle": is_shuffled, "maxAssociations": len(rows)}
    return Asked(texts.block(draft.text) + dialect.element("matchInteraction", told, *sets), (response,))


def _match_set(choices: Mapping[str, str], most: int, texts: Texts, dialect: Dialect) -> str:
    e = dialect.element
    written = (
        e("simpleAssociableChoice", {"identifier": name, "matchMax": most}, texts.written(text))
        for name, text in choices.items()
    )
    return e("simpleMatchSet", {}, *written)


def _short(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    (part,) = draft.parts
    response = of_part(part, RESPONSE, writable(part))
    if [(value, ONE) for value in response.correct] == list(response.spans):
        response = replace(response, spans=())  # one number alone is matched
    return Asked(f"{texts.block(draft.text)}<div>{_entry(part, RESPONSE, dialect)}</div>", (response,))


def _cloze(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    names = [RESPONSE] if len(draft.parts) == 1 else [f"{RESPONSE}_{n}" for n in range(1, len(draft.parts) + 1)]
    gaps = [
        _choices(part, name, texts, dialect) if part.kind is PartKind.CHOICE else _entry(part, name, dialect)
        for part, name in zip(draft.parts, names, strict=True)
    ]
    found = (of_part(part, name, writable(part)) for part, name in zip(draft.parts, names, strict=True))
    return Asked(texts.with_gaps(draft.text, gaps), tuple(found))


def _choices(part: PartDraft, name: str, texts: Texts, dialect: Dialect) -> str:
    e = dialect.element
    choices = (
        e("inlineChoice", {"identifier": n}, texts.words(a.text))
        for n, a in zip(_names(part.answers), part.answers, strict=True)
    )
    return e("inlineChoiceInteraction", {"responseIdentifier": name, "shuffle": "true"}, *choices)


def _entry(part: PartDraft, name: str, dialect: Dialect) -> str:
    entry = dialect.element("textEntryInteraction", {"responseIdentifier": name})
    return entry + (f' <span class="unit">{Texts(False, {}).words(part.unit)}</span>' if part.unit else "")


def _hotspot(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    """Write areas over the first picture of a text, which stands between what comes before and after it."""
    e, (picture, before, after) = dialect.element, around_picture(draft)
    size, at = size_of(texts.files[picture.name]) or (0, 0), texts.at(picture.name)
    sides, said = f'width="{size[0]}" height="{size[1]}"', escape(picture.alt)
    shown = f'<object data="{at}" type="{type_of(at)}" {sides}>{said}</object>'
    if dialect.has_dashes:
        shown = f'<img src="{at}" alt="{said}" {sides}/>'
    choices = (
        e(
            "hotspotChoice",
            {
                "class": areas.as_class(o.area),
                "identifier": name,
                "shape": areas.RECTANGLE,
                "coords": areas.coords(o.area, size),
                "hotspotLabel": flat(o.text, rich=draft.rich),
            },
        )
        for name, o in zip(_names(draft.options), draft.options, strict=True)
    )
    interaction = e("hotspotInteraction", {"responseIdentifier": RESPONSE, "maxChoices": 1}, shown, *choices)
    around = [f"<div>{texts.tree(tree)}</div>" if tree else "" for tree in (before, after)]
    return Asked(interaction.join(around), (_chosen(draft),))


def _told(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    return Asked(texts.block(draft.text), ())


def _essay(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    told: dict[str, object] = {"responseIdentifier": RESPONSE}
    if draft.least_words or draft.most_words:
        told = {"class": f"words-{draft.least_words}-{draft.most_words}", **told}
    body = texts.block(draft.text) + dialect.element("extendedTextInteraction", told)
    return Asked(body, (Response(RESPONSE, "single", "string", ()),))


def _upload(draft: QuestionDraft, texts: Texts, dialect: Dialect) -> Asked:
    """Write files as one: QTI takes no more; a class tells how many are, and of which kinds."""
    told = {"class": "-".join(("files", str(draft.most_files), *draft.file_kinds)), "responseIdentifier": RESPONSE}
    body = texts.block(draft.text) + dialect.element("uploadInteraction", told)
    return Asked(body, (Response(RESPONSE, "single", "file", ()),))


def writable(part: PartDraft) -> Sequence[OptionDraft]:
    """Return the answers of a text that can be written: not those that stand for others too."""
    return [answer for answer in part.answers if not is_pattern(answer.text)]


def around_picture(draft: QuestionDraft) -> tuple[Picture, Tree, Tree]:
    """Return the first picture of a rich text, and the blocks before and after it; one among words comes after them."""
    tree = read(draft.text)
    number, picture = next((n, m) for n, block in enumerate(tree) for m in media_of([block]) if isinstance(m, Picture))
    if stands_alone(tree[number]):
        return picture, tree[:number], tree[number + 1 :]
    rest = map_inlines([tree[number]], lambda inline: Text("") if inline is picture else inline)
    return picture, (*tree[:number], *rest), tree[number + 1 :]


def stands_alone(block: Block) -> bool:
    """Say whether a block is nothing but a picture."""
    return isinstance(block, Paragraph) and len(block.inlines) == 1 and isinstance(block.inlines[0], Picture)


def flat(text: str, *, rich: bool) -> str:
    """Return a text as plain words on one line, written as the texts of its question are."""
    line = " ".join(words(text, rich=rich).split())
    return from_plain(line) if rich else line


def _names(options: Iterable[object]) -> list[str]:
    return [chr(ord("A") + number) for number, _ in enumerate(options)]


_WRITERS: Mapping[Kind, Callable[[QuestionDraft, Texts, Dialect], Asked]] = {
    Kind.SINGLE_CHOICE: _choice,
    Kind.MULTIPLE_CHOICE: _choice,
    Kind.TRUE_FALSE: _choice,
    Kind.STATEMENTS: _match,
    Kind.MATCHING: _match,
    Kind.ORDERING: _order,
    Kind.NUMERIC: _short,
    Kind.SHORT_TEXT: _short,
    Kind.CLOZE: _cloze,
    Kind.DROPDOWN: _cloze,
    Kind.HOTSPOT: _hotspot,
    Kind.ESSAY: _essay,
    Kind.UPLOAD: _upload,
    Kind.PASSAGE: _told,
    Kind.DESCRIPTION: _told,
}
