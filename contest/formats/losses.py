"""What a format could not carry: one warning for each thing, with how many questions and which."""

from collections.abc import Callable, Iterator, Sequence

from contest.formats.drafts import Place, Problem, QuestionDraft
from contest.rules.refusals import Refusal

Losses = Sequence[tuple[str, Callable[[QuestionDraft], bool]]]


def losses_of(losses: Losses, drafts: Sequence[QuestionDraft]) -> Iterator[Problem]:
    """Yield a warning for each slug whose condition some of the questions meet."""
    for slug, is_lost in losses:
        lost = [draft for draft in drafts if is_lost(draft)]
        if lost:
            refusal = Refusal(slug, {"count": len(lost)})
            yield Problem(refusal, Place(), ", ".join(d.code or d.text[:40] for d in lost[:5]), "warning")
