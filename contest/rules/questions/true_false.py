"""True/false: two options, the statement is the one or the other."""

from collections.abc import Iterator

from contest.rules.questions import single_choice
from contest.rules.questions.bodies import Body, Key, Options
from contest.rules.questions.choices import one_right, shape
from contest.rules.refusals import Refusal

TRUE, FALSE = "Đúng", "Sai"  # the options unless the author words them
SHARES = single_choice.SHARES

parse, marks, is_correct = single_choice.parse, single_choice.marks, single_choice.is_correct


def well_formed(body: Body, key: Key) -> tuple[Refusal, ...]:
    """Return what is wrong with the question; nothing means that it may be asked."""
    return (*shape(body, key), *_only_two(body.options), *one_right(key.weights))


def _only_two(options: Options) -> Iterator[Refusal]:
    if len(options) > 2:
        yield Refusal("two-options", field="options")
