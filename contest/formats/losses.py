"""What a format cannot carry: one warning a thing, with how many questions lose it and which come first."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from contest.formats.drafts import Place, Problem, QuestionDraft
from contest.formats.rich.questions import media_names, words
from contest.rules.question_terms import Kind
from contest.rules.questions.true_false import FALSE, TRUE
from contest.rules.refusals import Refusal

Losing = Callable[[QuestionDraft], bool]
Losses = Mapping[str, Losing]
Writing = Callable[[Sequence[QuestionDraft]], tuple[bytes, tuple[Problem, ...]]]

_NAMED, _NAME = 5, 40

LEGAL: Losses = {
    "lost-difficulty": lambda draft: draft.difficulty is not None,
    "lost-source": lambda draft: draft.source != "",
    "lost-effective-date": lambda draft: draft.effective_on is not None,
}
PARTS: Losses = {
    "lost-unit": lambda draft: any(part.unit for part in draft.parts),
    "lost-accents": lambda draft: not all(part.with_accents for part in draft.parts),
    "lost-words": lambda draft: draft.least_words > 0 or draft.most_words > 0,
}


def carrying(format_name: str, kinds: Collection[Kind], write: Writing, *, guides: bool = True) -> Writing:
    """Return a writer that leaves out the questions of kinds that its format does not have, and says which.

    A format without passages loses which of them a question belongs to, one that does not guide markers what they go by.
    """

    def write_carried(drafts: Sequence[QuestionDraft]) -> tuple[bytes, tuple[Problem, ...]]:
        data, problems = write([draft for draft in drafts if draft.kind in kinds])
        told: Losses = {
            "lost-question": lambda draft: draft.kind not in kinds,
            "lost-guidance": lambda draft: draft.guidance != "" and draft.kind in kinds and not guides,
            "lost-passage": lambda draft: (
                draft.passage is not None and draft.kind in kinds and Kind.PASSAGE not in kinds
            ),
        }
        left_out = losses(format_name, told, drafts)
        return data, (*left_out, *problems)

    return write_carried


def has_unsaid(draft: QuestionDraft) -> bool:
    """Say whether something is said of an option or of an answer."""
    answers = (answer for part in draft.parts for answer in part.answers)
    return any(said.feedback for said in (*draft.options, *answers))


def shows_media(draft: QuestionDraft) -> bool:
    """Say whether a question shows a picture or a recording."""
    return bool(media_names(draft))


def losses(format_name: str, told: Losses, drafts: Iterable[QuestionDraft]) -> Iterator[Problem]:
    """Yield the warnings of a format, in the order of its table of losses."""
    listed: Sequence[QuestionDraft] = list(drafts)
    for slug, is_lost in told.items():
        lost = [draft for draft in listed if is_lost(draft)]
        if lost:
            names = ", ".join(draft.code or words(draft.text, rich=draft.rich)[:_NAME] for draft in lost[:_NAMED])
            yield Problem(Refusal(slug, {"format": format_name, "count": len(lost)}), Place(), names, "warning")


def is_statement(draft: QuestionDraft) -> bool:
    """Say whether a question is a plain true or false, as other programs know it."""
    texts = {option.text for option in draft.options}
    weights = sorted(option.weight for option in draft.options)
    return draft.kind is Kind.TRUE_FALSE and texts == {TRUE, FALSE} and weights == [Decimal(0), Decimal(1)]


def is_reworded(draft: QuestionDraft) -> bool:
    """Say whether a true/false question has words or weights of its own, so that it goes out as a single choice."""
    return draft.kind is Kind.TRUE_FALSE and not is_statement(draft)
