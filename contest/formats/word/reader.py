"""Word documents to drafts. What is not understood is named with its paragraph and its words; nothing is guessed."""

from collections.abc import Sequence

from contest.formats.drafts import Place, Problem, QuestionDraft, Reading
from contest.formats.old_codes import OldCode, refusal_of
from contest.formats.taking import refused
from contest.formats.word import wording
from contest.formats.word.formulas import Equations
from contest.formats.word.gathering import Gatherer
from contest.formats.word.judging import Judge
from contest.formats.word.lines import Body, Line
from contest.formats.word.marks import ornaments
from contest.formats.word.numbering import read_numbering
from contest.formats.word.package import Package, open_package
from contest.formats.word.styles import read_styles
from contest.formats.word.things import Thing
from contest.rules.refusals import Refusal

_LONGEST_LINE = 100_000


def read_word(data: bytes, convert: OldCode | None = None) -> Reading[QuestionDraft]:
    """Read questions from a .docx file; one with macros, a password or letters from before Unicode is refused.

    Letters of the code page `convert` are read as what they stand for.
    """
    package = open_package(data)
    if isinstance(package, Refusal):
        return refused(package)
    try:
        body, lines = _body(package, convert)
    except RecursionError:
        return refused(Refusal("not-a-document"))
    if body.old:
        code, line = body.old
        return Reading((), (Problem(refusal_of(line.text, code), Place(paragraph=line.paragraph)),))
    noted = [Problem(Refusal(slug), Place(), "", "warning") for slug in sorted(body.runs.notes)]
    drafts, problems = _read(lines, body.runs.things)
    found = sorted([*body.problems, *problems], key=lambda problem: problem.place.number)
    if not drafts and not any(problem.severity == "error" for problem in found):
        noted.insert(0, Problem(Refusal("no-questions"), Place()))
    return Reading(tuple(drafts), (*noted, *found))


def _body(package: Package, convert: OldCode | None) -> tuple[Body, list[Line]]:
    styles, equations = read_styles(package.styles), Equations(package.sources)
    body = Body(styles, read_numbering(package.numbering), album=package.album, equations=equations)
    lines = body.read(package.body)
    if convert is None:
        return body, lines
    numbering = read_numbering(package.numbering)
    anew = Body(styles, numbering, convert, body.is_mixed, album=package.album, equations=equations)
    return anew, anew.read(package.body)


def _read(lines: Sequence[Line], things: Sequence[Thing]) -> tuple[list[QuestionDraft], list[Problem]]:
    short = [line for line in lines if len(line.text) <= _LONGEST_LINE]
    gatherer = Gatherer(_says_question(short))
    for line in lines:
        if len(line.text) <= _LONGEST_LINE:
            gatherer.take(line)
        else:
            gatherer.note(line, "too-long", is_error=True, limit=_LONGEST_LINE)
    judge = Judge(ornaments(gatherer.questions), things)
    drafts = [draft for question in gatherer.questions if (draft := judge.judge(question))]
    return drafts, [*gatherer.problems, *judge.problems]


def _says_question(lines: Sequence[Line]) -> bool:
    """Say whether the questions of a document start with "Câu n.", its list of answers aside."""
    for line in lines:
        if wording.is_question(line.text) and not wording.entries(line.text):
            return True
        if wording.is_answers_heading(line.text):
            return False
    return False
