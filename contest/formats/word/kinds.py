"""The kinds that a list in Word holds, by what people call them: those of words, and texts without a question."""

from collections.abc import Mapping

from contest.formats.drafts import OF_WORDS
from contest.formats.tables.question_columns import KINDS as OF_TABLES
from contest.rules.labels import LABELS
from contest.rules.question_terms import Kind
from contest.rules.questions import TOLD
from contest.rules.text import fold

CARRIED = (*OF_WORDS, *TOLD)
KINDS: Mapping[str, Kind] = {**OF_TABLES, **{fold(LABELS[kind]): kind for kind in TOLD}}
