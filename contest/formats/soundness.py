"""Whether a draft of a question may be asked, by the rules of its kind and, where it is rich, by those of its texts."""

from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.formats.rich.questions import pictures_of, plain_words, refusals_of_texts
from contest.rules.question_terms import Kind
from contest.rules.questions import KINDS, TOLD
from contest.rules.refusals import Refusal


def refusals_of(draft: QuestionDraft) -> tuple[Refusal, ...]:
    """Return what keeps a draft from being asked; each names its field: text, options, option-2, part-1 …"""
    composed = compose(plain_words(draft))
    lacks_picture = draft.kind is Kind.HOTSPOT and not pictures_of(draft)
    picture = (Refusal("hotspot-picture", field="text"),) if lacks_picture else ()
    of_texts = refusals_of_texts(draft)
    named = {refusal.field for refusal in of_texts}  # a text refused for what it is made of is not also missing
    of_kind = [r for r in KINDS[draft.kind].well_formed(composed.body, composed.key) if r.field not in named]
    found = (*picture, *of_texts, *of_kind)
    return (*found, Refusal("passage-in-passage", field="passage")) if draft.passage and draft.kind in TOLD else found
