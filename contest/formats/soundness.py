"""Whether a draft of a question may be asked, by the rules of its kind."""

from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.rules.questions import KINDS
from contest.rules.refusals import Refusal


def refusals_of(draft: QuestionDraft) -> tuple[Refusal, ...]:
    """Return what keeps a draft from being asked; each names its field: text, options, option-2, part-1 …"""
    composed = compose(draft)
    return KINDS[draft.kind].well_formed(composed.body, composed.key)
