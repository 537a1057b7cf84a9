"""A question that nobody takes yet, as it will look on a paper: for its author, and for whoever is about to import it."""

from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.services.attempts.content import content_of
from contest.services.attempts.paper import QuestionView, question_view
from contest.services.attempts.reviews import ReviewQuestion, review_question
from contest.services.grading import Known


def keyed(draft: QuestionDraft, position: int = 1) -> ReviewQuestion:
    """Return a draft with what is right about it, as a review shows it, for those who may see keys."""
    composed = compose(draft)
    known = Known(draft.kind, composed.body, composed.key, draft.rich)
    return review_question(preview_of(draft, position), known, False, None, ("", draft.source))


def preview_of(draft: QuestionDraft, position: int = 1) -> QuestionView:
    """Return a draft, well formed or not, as a paper shows it: unanswered, its options in the author's order."""
    body = compose(draft).body
    content = content_of(draft.kind, body, rich=draft.rich)
    return question_view(position, content, [option_id for option_id, _ in body.options], None, 0)
