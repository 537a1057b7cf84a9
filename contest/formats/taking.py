"""Taking questions one after another: what cannot be taken is noted with its place, the others stay."""

from dataclasses import dataclass, field

from contest.formats.drafts import Place, Problem, QuestionDraft, Reading
from contest.formats.soundness import refusals_of
from contest.rules.refusals import Refusal
from contest.rules.text import clean

EXCERPT = 80


class NotTaken(Exception):
    """A piece of a file is no question that can be taken; `refusals` say why."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__()
        self.refusals = refusals


@dataclass(slots=True)
class Taking:
    """What has been taken of a file so far, and what was met on the way."""

    drafts: list[QuestionDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, refusal: Refusal, place: Place, excerpt: str, *, is_error: bool = True) -> None:
        self.problems.append(Problem(refusal, place, excerpt[:EXCERPT], "error" if is_error else "warning"))

    def reading(self) -> Reading[QuestionDraft]:
        """Return what came of the file; one without anything in it is a problem too."""
        if not self.drafts and not self.problems:
            return refused(Refusal("no-questions"), line=1)
        return Reading(tuple(self.drafts), tuple(self.problems))


def refused(refusal: Refusal, line: int | None = None) -> Reading[QuestionDraft]:
    """Return the reading of a file that is refused as a whole."""
    return Reading((), (Problem(refusal, Place(line=line)),))


def cleaned(text: str, limit: int, *, multiline: bool = True, indented: bool = False) -> str:
    """Return a text as drafts hold it; raises NotTaken."""
    found = clean(text, limit=limit, multiline=multiline, indented=indented)
    if isinstance(found, Refusal):
        raise NotTaken(found)
    return found


def sound(draft: QuestionDraft) -> QuestionDraft:
    """Return a draft that may be asked; raises NotTaken for any other."""
    if refusals := refusals_of(draft):
        raise NotTaken(*refusals)
    return draft
