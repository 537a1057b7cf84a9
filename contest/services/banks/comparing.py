"""Two versions of a question side by side, with their keys: for those who write and review them."""

from dataclasses import dataclass

from contest.errors import NotFound
from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.rules.differences import Change, OptionPair, Piece, between, pair_options
from contest.rules.permissions import Actor
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.questions.bodies import Limits
from contest.services.banks import browsing
from contest.services.banks.drafting import written_parts
from contest.services.banks.shelf import get_bank


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed: kinds and difficulties as (before, after), the texts in pieces, the options in pairs."""

    kind: tuple[Kind, Kind]
    difficulty: tuple[Difficulty | None, Difficulty | None]
    rich: tuple[bool, bool]
    text: tuple[Piece, ...]
    options: tuple[OptionPair, ...]
    parts: tuple[Piece, ...]
    limits: tuple[Limits, Limits]
    explanation: tuple[Piece, ...]
    guidance: tuple[Piece, ...]
    source: tuple[Piece, ...]
    effective_on: tuple[Piece, ...]
    topic: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        texts = (self.text, self.parts, self.explanation, self.guidance, self.source, self.effective_on, self.topic)
        return (
            self.kind[0] == self.kind[1]
            and self.difficulty[0] == self.difficulty[1]
            and self.rich[0] == self.rich[1]
            and self.limits[0] == self.limits[1]
            and not any(o.is_changed for o in self.options)
            and not any(p.change is not Change.KEPT for pieces in texts for p in pieces)
        )


def compare(bank_code: str, code: str, before: int, after: int, *, by: Actor) -> Comparison:
    """Return what changed from one version of a question to another; raises NotFound for a version there is not."""
    drafts = browsing.drafts_of_versions(get_bank(bank_code, by=by).id, code, (before, after))
    if not {before, after} <= drafts.keys():
        raise NotFound
    return between_drafts(drafts[before], drafts[after])


def between_drafts(old: QuestionDraft, new: QuestionDraft) -> Comparison:
    """Return what is different in one question from another."""
    return Comparison(
        (old.kind, new.kind),
        (old.difficulty, new.difficulty),
        (old.rich, new.rich),
        between(old.text, new.text),
        pair_options([(o.text, o.weight) for o in old.options], [(o.text, o.weight) for o in new.options]),
        between(_parts(old), _parts(new)),
        (compose(old).body.limits, compose(new).body.limits),
        between(old.explanation, new.explanation),
        between(old.guidance, new.guidance),
        between(old.source, new.source),
        between(_day(old), _day(new)),
        between(" / ".join(old.topic), " / ".join(new.topic)),
    )


def _day(draft: QuestionDraft) -> str:
    return f"{draft.effective_on:%d/%m/%Y}" if draft.effective_on else ""


def _parts(draft: QuestionDraft) -> str:
    """Return the parts of a question with their answers, a line a part."""
    lines = []
    for number, part in enumerate(written_parts(draft), 1):
        answers = "; ".join([*part.right.splitlines(), *part.wrong.splitlines()])
        lines.append(f"{number}. {part.text} [{answers}] {part.unit}".rstrip())
    return "\n".join(lines)
