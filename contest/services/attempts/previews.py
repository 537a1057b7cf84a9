"""A question that nobody takes yet, as it will look on a paper: for its author, and for whoever is about to import it."""

from base64 import b64encode
from dataclasses import replace

from markupsafe import Markup

from contest.formats.composing import compose
from contest.formats.drafts import QuestionDraft
from contest.formats.media.kinds import kind_of
from contest.formats.rich.screen import ROAD
from contest.rules.questions.bodies import Body, Options
from contest.services.attempts.asked import QuestionView, question_view
from contest.services.attempts.content import content_of
from contest.services.attempts.reviews import ReviewQuestion, review_question
from contest.services.grading import Known

_TYPES = {"png": "png", "jpg": "jpeg", "gif": "gif", "webp": "webp"}


def keyed(draft: QuestionDraft, position: int = 1) -> ReviewQuestion:
    """Return a draft with what is right about it, as a review shows it, for those who may see keys."""
    composed = compose(draft)
    known = Known(draft.kind, composed.body, composed.key, draft.rich)
    return review_question(preview_of(draft, position), known, False, None, ("", draft.source))


def preview_of(draft: QuestionDraft, position: int = 1) -> QuestionView:
    """Return a draft, well formed or not, as a paper shows it: unanswered, its options in the author's order.

    Pictures that came with it and are not stored yet stand in the page itself.
    """
    body = compose(draft).body
    content = content_of(draft.kind, body, rich=draft.rich)
    shown = _with_pictures(content.body, _pictures(draft))
    content = replace(content, body=shown, texts=dict(shown.options))
    return question_view(position, content, [option_id for option_id, _ in body.options], None, 0)


def _pictures(draft: QuestionDraft) -> dict[str, str]:
    """Return the address of each picture that came with a draft → what shows it without being stored."""
    kinds = {f"{ROAD}{file.name}": (_TYPES.get(kind_of(file.content) or ""), file.content) for file in draft.files}
    return {
        address: f"data:image/{kind};base64,{b64encode(content).decode()}"
        for address, (kind, content) in kinds.items()
        if kind
    }


def _with_pictures(body: Body, pictures: dict[str, str]) -> Body:
    if not pictures:
        return body

    def shown(text: str) -> str:
        for address, picture in pictures.items():
            text = text.replace(address, picture) if isinstance(text, Markup) else text
        return text

    def options(pairs: Options) -> Options:
        return tuple((option_id, shown(text)) for option_id, text in pairs)

    parts = tuple(replace(p, text=shown(p.text), options=options(p.options)) for p in body.parts)
    return Body(shown(body.text), options(body.options), parts, body.limits, body.areas)
