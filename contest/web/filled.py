"""Forms as they were filled in: labels and refusals rendered for the reader, what was typed kept."""

from typing import TypeVar

from flask import request
from wtforms import Form

from contest.errors import Invalid, Refused
from contest.rules.refusals import Refusal
from contest.web.context import speech

F = TypeVar("F", bound=Form)


def read(kind: type[F], /, **values: object) -> F:
    """Return a form filled from the request, or from `values` on the first visit, labelled in the reader's language."""
    return labelled(kind(request.form if request.method == "POST" else None, data=values or None))


def shown(kind: type[F], /, **values: object) -> F:
    """Return a form that holds these values, whatever another form of the page has just posted."""
    return labelled(kind(None, data=values or None))


def labelled(form: F) -> F:
    """Put a form's labels and choices into the reader's language; for one that is shown."""
    for field in form:
        field.label.text = speech().text(field.label.text) if field.label.text else ""
        if hasattr(field, "choices") and field.choices:
            field.choices = [(value, speech().text(text) if text else "") for value, text in field.choices]
    if "logo" in form and "logo" in request.files:
        form["logo"].data = request.files["logo"]
    return form


def whole(text: str) -> int | None:
    """Return a small whole number as our own pages send it, such as an id or a version; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def given(name: str) -> list[str]:
    """Return what came under a name that no form lists; raises Invalid for a NUL, which PostgreSQL cannot take."""
    values = request.form.getlist(name)
    if any("\0" in value for value in values):
        raise Invalid(Refusal("bad-text", field=name))
    return values


def is_valid(form: Form) -> bool:
    """Validate, and turn the refusals into sentences. What WTForms itself says, it says of a choice not in the list."""
    valid = form.validate()
    for field in form:
        field.errors = [speech().said(e if isinstance(e, Refusal) else Refusal("not-a-choice")) for e in field.errors]
    return bool(valid)


def refuse(form: Form, refused: Refused, default: str) -> None:
    """Put the refusals of a service beside the fields they name, or beside the default one, which may be none: on top."""
    for refusal in refused.refusals:
        if not default and (not refusal.field or refusal.field not in form):
            form.form_errors.append(speech().said(refusal))
            continue
        field = form[refusal.field if refusal.field and refusal.field in form else default]
        field.errors = [*field.errors, speech().said(refusal)]
