"""Moodle's questions that are more than options to tick, written: the type each has there, and what stands in it."""

from collections.abc import Callable, Iterator, Mapping
from html import escape

from contest.formats.drafts import OptionDraft, QuestionDraft
from contest.formats.moodle.gaps import middle_and_width, write_gaps
from contest.formats.moodle.weights import percent
from contest.formats.moodle.writing import Texts, element
from contest.formats.rich.questions import words
from contest.rules.question_terms import FILE_TYPES, Kind
from contest.rules.questions.parts import TRUE

_HALF = "    <{0}>{1}</{0}>\n"


def _settings(**values: str) -> str:
    return "".join(_HALF.format(name, value) for name, value in values.items())


def _answer(
    answer: OptionDraft, written: str, texts: Texts, *, form: str = "moodle_auto_format", more: str = ""
) -> str:
    return (
        f'    <answer fraction="{percent(answer.weight)}" format="{form}">\n      {written}\n'
        f'      <feedback format="html">\n        {texts.written(answer.feedback)}\n      </feedback>\n{more}    </answer>\n'
    )


def _typed(text: str) -> str:
    return f"<text>{escape(text, quote=False)}</text>"


def _number(draft: QuestionDraft, texts: Texts) -> str:
    (part,) = draft.parts
    pairs = [(answer, *middle_and_width(answer.text)) for answer in part.answers]
    answers = "".join(_answer(a, _typed(n), texts, more=f"      <tolerance>{w}</tolerance>\n") for a, n, w in pairs)
    if not part.unit:
        return answers + _settings(unitgradingtype="0", unitpenalty="0.1000000", showunits="3", unitsleft="0")
    unit = f"<unit_name>{escape(part.unit, quote=False)}</unit_name>"
    units = (
        f"    <units>\n      <unit>\n        <multiplier>1</multiplier>\n        {unit}\n      </unit>\n    </units>\n"
    )
    return answers + _settings(unitgradingtype="0", unitpenalty="0.1000000", showunits="0", unitsleft="0") + units


def _words(draft: QuestionDraft, texts: Texts) -> str:
    (part,) = draft.parts
    answers = "".join(_answer(answer, _typed(answer.text), texts) for answer in part.answers)
    return _settings(usecase="1" if part.with_case else "0") + answers


def _pairs(draft: QuestionDraft, texts: Texts) -> str:
    taken = {part.answers[0].text for part in draft.parts}
    pairs = [(part.text, part.answers[0].text) for part in draft.parts]
    pairs += [("", option.text) for option in draft.options if option.text not in taken]
    return _settings(shuffleanswers="true") + "".join(
        element(
            "subquestion",
            f"{texts.written(stem)}\n      <answer>\n        {_typed(words(match, rich=draft.rich))}\n      </answer>",
        )
        for stem, match in pairs
    )


def _order(draft: QuestionDraft, texts: Texts) -> str:
    settings = _settings(
        layouttype="VERTICAL", selecttype="ALL", selectcount="0", gradingtype="ALL_OR_NOTHING", showgrading="SHOW"
    )
    steps = (
        f'    <answer fraction="{number}.0000000" format="html">\n      {texts.written(option.text)}\n'
        f'      <feedback format="html">\n        {texts.written(option.feedback)}\n      </feedback>\n    </answer>\n'
        for number, option in enumerate(draft.options, start=1)
    )
    return settings + "".join(steps)


def _statements(draft: QuestionDraft, texts: Texts) -> str:
    return (
        "    <scoringmethod>\n      <text>subpoints</text>\n    </scoringmethod>\n"
        + _settings(
            shuffleanswers="true", numberofrows=str(len(draft.parts)), numberofcolumns="2", answernumbering="abc"
        )
        + "".join(_rows(draft, texts))
    )


def _rows(draft: QuestionDraft, texts: Texts) -> Iterator[str]:
    for number, part in enumerate(draft.parts, start=1):
        said = part.answers[0].feedback
        inside = texts.worded("optiontext", part.text) + texts.worded("feedbacktext", said)
        yield f'    <row number="{number}">\n{inside}    </row>\n'
    for number, word in ((1, "Đúng"), (2, "Sai")):
        inside = f'<responsetext format="moodle_auto_format">\n        {_typed(word)}\n      </responsetext>'
        yield f'    <column number="{number}">\n      {inside}\n    </column>\n'
    for number, part in enumerate(draft.parts, start=1):
        for column in (1, 2):
            is_worth = (part.answers[0].text == TRUE) == (column == 1)
            value = f"<value>{'1.000' if is_worth else '0.000'}</value>"
            yield f'    <weight rownumber="{number}" columnnumber="{column}">\n      {value}\n    </weight>\n'


def _essay(draft: QuestionDraft, texts: Texts) -> str:
    limits = {"minwordlimit": draft.least_words, "maxwordlimit": draft.most_words}
    return _settings(
        responseformat="editor", responserequired="1", responsefieldlines="15",
        **{name: str(count) for name, count in limits.items() if count}, attachments="0", attachmentsrequired="0",
    ) + guidance(draft, texts)  # fmt: skip


def _files(draft: QuestionDraft, texts: Texts) -> str:
    suffixes = [f".{suffix}" for kind in draft.file_kinds for suffix in FILE_TYPES[kind]]
    return _settings(
        responseformat="noinline", responserequired="0", responsefieldlines="15", attachments=str(draft.most_files),
        attachmentsrequired="1", filetypeslist=",".join(suffixes),
    ) + guidance(draft, texts)  # fmt: skip


def guidance(draft: QuestionDraft, texts: Texts) -> str:
    """Write what those who mark go by, as Moodle's information for graders."""
    return texts.worded("graderinfo", draft.guidance) if draft.guidance else ""


def _nothing(draft: QuestionDraft, texts: Texts) -> str:
    return ""


IN_PARTS: Mapping[Kind, tuple[str, Callable[[QuestionDraft, Texts], str]]] = {
    Kind.NUMERIC: ("numerical", _number),
    Kind.SHORT_TEXT: ("shortanswer", _words),
    Kind.MATCHING: ("matching", _pairs),
    Kind.ORDERING: ("ordering", _order),
    Kind.STATEMENTS: ("mtf", _statements),
    Kind.ESSAY: ("essay", _essay),
    Kind.UPLOAD: ("essay", _files),
    Kind.CLOZE: ("cloze", _nothing),
    Kind.DROPDOWN: ("cloze", _nothing),
    Kind.PASSAGE: ("description", _nothing),
    Kind.DESCRIPTION: ("description", _nothing),
}


def question_text(draft: QuestionDraft, texts: Texts) -> str:
    """Write the text of a question, with Moodle's codes in the places of its gaps."""
    if draft.kind not in {Kind.CLOZE, Kind.DROPDOWN}:
        return texts.worded("questiontext", draft.text)
    html = write_gaps(texts.html(draft.text), draft.parts, rich=draft.rich)
    answers = [answer for part in draft.parts for answer in part.answers]
    said = [answer.feedback for answer in answers]
    offered = [answer.text for answer in answers] + said
    return element("questiontext", texts.with_files(html, [draft.text, *offered]))
