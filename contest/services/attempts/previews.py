"""A question that nobody takes yet, as it will look on a paper: for its author, and for whoever is about to import it."""

from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.services.attempts.content import content_of
from contest.services.attempts.paper import QuestionView, question_view


def preview_of(draft: QuestionDraft, position: int = 1) -> QuestionView:
    """Return a draft, well formed or not, as a paper shows it: unanswered, its options in the author's order."""
    body = compose(draft).body
    content = content_of(draft.kind, body, rich=draft.rich)
    return question_view(position, content, [option_id for option_id, _ in body.options], None, 0)
