"""A picture or a recording put into a question that is being written: nothing but the medium is stored yet."""

from dataclasses import dataclass, field, replace

from flask import request

from contest.errors import Forbidden, Invalid
from contest.forms.banks import OptionRow, QuestionForm
from contest.rules.permissions import author_questions
from contest.rules.questions.choices import MOST_OPTIONS, option_field
from contest.rules.refusals import Refusal
from contest.services.banks import drafting, media
from contest.web import filled
from contest.web.context import speech
from contest.web.gate import current_actor


@dataclass(frozen=True, slots=True)
class Inserted:
    """The options as they are now, and why nothing was inserted, by field."""

    options: list[OptionRow]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


def insert(bank: str, form: QuestionForm, options: list[OptionRow]) -> Inserted:
    """Store the file that came with the form and put what shows it behind the text that was chosen.

    A question that was plain becomes rich, its words staying what they were.
    """
    if not author_questions(current_actor()):
        raise Forbidden
    filled.is_valid(form)
    for typed in form:
        typed.errors = []  # said when the question is saved
    place = request.form.get("media_place", "text")
    file = request.files.get("media")
    try:
        if place not in ("text", "explanation", *map(option_field, range(1, MOST_OPTIONS + 1))):
            raise Invalid(Refusal("not-a-choice", field="media_place"))
        if file is None or not file.filename:
            raise Invalid(Refusal("no-file", field="media"))
        shown = media.add(bank, file.read(), "".join(filled.given("media_words")), by=current_actor())
    except Invalid as refused:
        return Inserted(options, {r.field or "media": speech().said(r) for r in refused.refusals})
    if not form.rich.data:
        options = _become_rich(form, options)
    if place in form:
        form[place].data = drafting.behind(form[place].data or "", shown, paragraph=True)
        return Inserted(options)
    at = int(place.removeprefix("option-")) - 1
    options = options + [OptionRow("", False)] * (at + 1 - len(options))
    options[at] = replace(options[at], text=drafting.behind(options[at].text, shown, paragraph=False))
    return Inserted(options)


def _become_rich(form: QuestionForm, options: list[OptionRow]) -> list[OptionRow]:
    form.rich.data = True
    for name in ("text", "explanation", "guidance"):
        form[name].data = drafting.enriched(form[name].data or "")
    return [replace(option, text=drafting.enriched(option.text)) for option in options]
