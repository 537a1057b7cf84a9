"""Moodle XML to drafts. What is not taken is named with its line; nothing is dropped in silence."""

from dataclasses import dataclass, field, replace

from lxml import etree

from contest.formats.drafts import CODE_LIMIT, TEXT_LIMIT, TOPIC_LIMIT, Place, Problem, QuestionDraft, Reading
from contest.formats.moodle.answers import read_asked
from contest.formats.moodle.document import read_quiz
from contest.formats.moodle.leavings import leavings
from contest.formats.moodle.wordings import Wordings, raw_text
from contest.formats.passages import as_told
from contest.formats.rich.importing import Importing
from contest.formats.taking import EXCERPT, NotTaken, Taking, cleaned, sound
from contest.formats.topics import read_category
from contest.rules.refusals import Refusal
from contest.rules.text import canonical

_CATEGORY = "category"
_SHOWN = {"", "0"}

Topic = tuple[str, ...]


@dataclass(slots=True)
class _State:
    """What one question leaves to the next; `codes` are those met, with the line and the topic of the first."""

    taking: Taking = field(default_factory=Taking)
    topic: Topic = ()
    codes: dict[str, tuple[int, Topic]] = field(default_factory=dict)
    taken: list[tuple[etree._Element, str]] = field(default_factory=list)

    def note(self, question: etree._Element, refusal: Refusal, *, is_error: bool = True) -> None:
        place = Place(line=question.sourceline)
        self.taking.note(refusal, place, _title(question), is_error=is_error)


def read_moodle(data: bytes) -> Reading[QuestionDraft]:
    """Read questions from a Moodle XML file; one that is not sound XML in UTF-8, or holds a DTD, is refused as a whole."""
    quiz = read_quiz(data)
    if isinstance(quiz, Problem):
        return Reading((), (quiz,))
    state = _State()
    for question in quiz.findall("question"):
        try:
            _read_question(question, state)
        except NotTaken as reason:
            for refusal in reason.refusals:
                state.note(question, refusal)
    state.taking.problems += leavings(state.taken)
    return state.taking.reading()


def _read_question(question: etree._Element, state: _State) -> None:
    if question.get("type") == _CATEGORY:
        _enter_category(question, state)
        return
    if question.findtext("hidden", "").strip() not in _SHOWN:
        state.note(question, Refusal("moodle-hidden"), is_error=False)
        return
    words = Wordings(Importing())
    draft = _draft(question, words, state)
    if words.texts.wants_rich:
        words = Wordings(Importing(is_rich=True))
        draft = _draft(question, words, state)
    draft = sound(as_told(replace(draft, code=_code(question, state))))
    state.taking.drafts.append(draft)
    state.taken.append((question, draft.code or _title(question)))
    for slug, param, found in (("html-flattened", "tags", words.texts.lost), ("files-left", "names", words.spare)):
        if found:
            state.note(question, Refusal(slug, {param: ", ".join(sorted(found))[:200]}), is_error=False)
    noted = (
        ("media-without-words", words.texts.lacks_words),
        ("left-feedback-of-others", words.says_of_others),
        ("left-gap-weights", words.has_uneven_gaps),
    )
    for slug, is_so in noted:
        if is_so:
            state.note(question, Refusal(slug), is_error=False)


def _draft(question: etree._Element, words: Wordings, state: _State) -> QuestionDraft:
    asked = read_asked(question, words)
    return QuestionDraft(
        code=None,
        kind=asked.kind,
        text=asked.text,
        options=asked.made.options,
        topic=state.topic,
        explanation=words.read(question.find("generalfeedback"), TEXT_LIMIT),
        guidance=words.read(question.find("graderinfo"), TEXT_LIMIT),
        tags=_tags(question),
        rich=words.texts.is_rich,
        files=tuple(words.texts.files.values()),
        place=Place(line=question.sourceline),
        parts=asked.made.parts,
        least_words=asked.made.least_words,
        most_words=asked.made.most_words,
        most_files=asked.made.most_files,
        file_kinds=asked.made.file_kinds,
    )


def _enter_category(question: etree._Element, state: _State) -> None:
    """Let what follows have this topic; its parents need not have come before, for a path names them all."""
    state.topic = ()  # a category that cannot be read is not followed by questions of the one before
    topic = read_category(question.findtext("category/text", ""))
    if isinstance(topic, Refusal):
        raise NotTaken(topic)
    state.topic = topic
    if question.findtext("info/text", "").strip():
        state.note(question, Refusal("moodle-category-info"), is_error=False)


def _tags(question: etree._Element) -> tuple[str, ...]:
    tags = (cleaned(raw_text(tag), TOPIC_LIMIT, multiline=False) for tag in question.findall("tags/tag"))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _code(question: etree._Element, state: _State) -> str | None:
    """Return the idnumber. Moodle has it once a category, a bank once: the same in another category is no code."""
    told = cleaned(question.findtext("idnumber", ""), CODE_LIMIT, multiline=False)
    if not told:
        return None
    here = (question.sourceline, state.topic)
    first = state.codes.setdefault(canonical(told) or told, here)
    if first is here:
        return told
    params = {"code": told, "first": first[0]}
    if first[1] == state.topic:
        raise NotTaken(Refusal("code-twice", params))
    state.note(question, Refusal("moodle-code-elsewhere", params), is_error=False)
    return None


def _title(question: etree._Element) -> str:
    """Return a few words by which people find a question: its name in Moodle, or what it begins with."""
    for path in ("name", "questiontext", _CATEGORY):
        found = question.find(path)
        words = " ".join(raw_text(found)[: EXCERPT * 4].split()) if found is not None else ""
        if words:
            return words[:EXCERPT]
    return ""
