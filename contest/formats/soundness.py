"""Whether a draft of a question may be asked, by the rules of its kind and, where it is rich, by those of its texts."""

from contest.formats.drafts import QuestionDraft
from contest.formats.rich.questions import refusals_of_texts
from contest.rules.questions import KINDS
from contest.rules.refusals import Refusal


def refusals_of(draft: QuestionDraft) -> tuple[Refusal, ...]:
    """Return what keeps a draft from being asked; each names its field: text, options, option-2 …"""
    options = [(str(number), option.text) for number, option in enumerate(draft.options)]
    weights = {str(number): option.weight for number, option in enumerate(draft.options)}
    return (*KINDS[draft.kind].well_formed(draft.text, options, weights), *refusals_of_texts(draft))
