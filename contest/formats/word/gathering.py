"""Lines to questions: what each line is, by its words and by what came before it."""

from dataclasses import dataclass, field
from typing import Literal

from contest.formats.drafts import TOPIC_LIMIT, Place, Problem
from contest.formats.word import wording
from contest.formats.word.lines import Line
from contest.formats.word.options import split_options
from contest.formats.word.questions import RICH_FIELDS, Option, Question
from contest.formats.word.rich import Rich, has_thing, without_things
from contest.formats.word.wording import Start
from contest.rules.refusals import Refusal
from contest.rules.text import clean

_LONG_TEXTS = {*RICH_FIELDS, "source"}


@dataclass(slots=True)
class Gatherer:
    """Takes lines one by one; afterwards `questions` and `problems` hold what they made."""

    has_words: bool  # some line says "Câu n.", so that a mere number starts a question only after a whole one
    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _topic: list[tuple[int, str]] = field(default_factory=list)
    _question: Question | None = None
    _field: str | None = None
    _in_answers: bool = False
    _has_answers: bool = False  # the last questions have had their list of answers
    _scope: dict[int, list[Question]] = field(default_factory=dict)  # the questions since an earlier list, by number
    _is_anew: bool = True  # a numbering may begin again
    _item: int = 0  # the last number of a list within a text
    _is_weak: bool = False  # the options may yet turn out to be text
    _raw: list[Rich] = field(default_factory=list)

    def take(self, line: Line) -> None:
        """Take the next line of the document."""
        if self._goes_on(line) or (wording.is_end(line.text) and not line.objects and not has_thing(line.text)):
            return
        if not (self._takes_answers(line) or self._takes_heading(line) or self._takes_start(line)):
            self._take_part(line)

    def note(self, line: Line, slug: str, *, is_error: bool = False, **params: object) -> None:
        """Note a problem of a line."""
        severity: Literal["error", "warning"] = "error" if is_error else "warning"
        place = Place(paragraph=line.paragraph)
        self.problems.append(Problem(Refusal(slug, params), place, line.excerpt, severity))

    def _goes_on(self, line: Line) -> bool:
        """Take a line that says of itself that it belongs to the text before it; False where there is none."""
        question = self._question
        if not line.goes_on or question is None or self._field not in (None, *_LONG_TEXTS):
            return False
        question.objects += [(what, line) for what in line.objects]
        if self._field is not None:
            question.fields[self._field].append(line.rich)
        elif question.options:
            question.options[-1].lines.append(line.rich)
            self._raw.append(line.rich)
        else:
            question.text.append(line.rich)
        return True

    def _takes_answers(self, line: Line) -> bool:
        """Take a list of answers: under its heading, several on a line, or for a question that has been."""
        found = wording.entries(line.text)
        question = self._question
        is_list = self._in_answers or len(found) > 1 or all(number in self._scope for number, _ in found)
        if len(found) == 1 and not wording.is_question(line.text) and not self._in_answers:
            is_list = is_list and (question is None or question.is_complete)  # else "1. a" is an item of its text
        if found and is_list and self.questions:
            self._answer(line, found)
            return True
        if wording.is_answers_heading(line.text):
            if question is None or question.is_complete:
                self._close()
                self._in_answers = bool(self.questions)
            return True
        return False

    def _answer(self, line: Line, found: list[tuple[int, str]]) -> None:
        self._close()
        self._in_answers = self._has_answers = True
        topic = self._path()
        for number, typed in found:
            meant = self._scope.get(number, [])
            if len(meant) > 1:
                meant = [question for question in meant if question.topic == topic] or meant
            if len(meant) != 1:
                slug = "word-answer-unclear" if meant else "word-answer-of-none"
                self.note(line, slug, is_error=True, number=number)
            for question in meant if len(meant) == 1 else ():
                question.list_keys.append(typed)

    def _takes_heading(self, line: Line) -> bool:
        if line.heading is not None and not wording.is_question(line.text):
            self._begin_topic(line, line.heading, line.text)
            return True
        if told := wording.topic(line.text):
            self._begin_topic(line, *told)
            return True
        name = wording.roman_topic(line.text)
        if name and (self._question is None or self._question.is_complete):
            self._begin_topic(line, 1, name)
            return True
        return False

    def _begin_topic(self, line: Line, rank: int, name: str) -> None:
        self._close()
        self._is_anew = True
        if has_thing(name):
            self.note(line, "word-heading-of-words")
        cleaned = clean(without_things(name), limit=TOPIC_LIMIT)
        self._topic = [above for above in self._topic if above[0] < rank]
        if isinstance(cleaned, Refusal):
            place = Place(paragraph=line.paragraph)
            self.problems.append(Problem(cleaned, place, line.excerpt))
        elif cleaned:
            self._topic.append((rank, cleaned))

    def _takes_start(self, line: Line) -> bool:
        start = wording.question_start(line.text)
        if start is None:
            start = wording.plain_start(line.text)
            if start is None or not self._is_plain_start(start.number):
                return False
        self._begin(line, start)
        return True

    def _is_plain_start(self, number: int) -> bool:
        """Say whether a mere number starts a question, rather than an item of a list within the one before."""
        question = self._question
        if question is None:
            return not self.has_words or bool(self.questions)
        if self.has_words and not question.is_complete:
            return False
        if question.is_complete and self._field is None:
            return True
        is_item = number == self._item + 1 if self._item else number == 1
        self._item = number if is_item else 0
        return not is_item

    def _begin(self, line: Line, start: Start) -> None:
        self._close()
        before = self.questions[-1].number if self.questions else 0
        if start.number != before + 1 and not (self._is_anew and start.number == 1) and self.questions:
            slug = "word-number-again" if start.number <= before else "word-number-jump"
            self.note(line, slug, number=start.number, before=before)
        self._is_anew = False
        if self._has_answers:
            self._has_answers, self._scope = False, {}
        self._question = question = Question(start.number, line, self._path(), start.level)
        question.is_set = line.rich.stand.is_set
        self.questions.append(question)
        self._scope.setdefault(start.number, []).append(question)
        question.objects += [(what, line) for what in line.objects]
        self._take_text(question, line, start.end, f"{start.brackets} " if start.brackets else "")

    def _take_text(self, question: Question, line: Line, start: int, before: str = "") -> None:
        """Take a line of a question's text, with the options or the answer that it ends in."""
        end = len(line.text)
        if told := wording.key_at_end(line.text):
            end = max(told[0], start)
            question.keys.append(told[1])
        options = split_options(line, start, end)
        text = line.rich.part(start, end)
        if told:
            text = text.part(0, len(text.text.rstrip("( [")))
        if len(options) < 2:
            question.text.append(text.behind(before))
            return
        self._raw, self._is_weak = [*question.text, text.behind(before)], True
        question.text.append(line.rich.part(start, options[0][0]).behind(before))
        question.options += [option for _, option in options]

    def _take_part(self, line: Line) -> None:
        question = self._question
        if question is None:
            slug = "word-table-passed-over" if line.is_table else "word-passed-over"
            is_lost = wording.label(line.text) is not None or bool(wording.key(line.text))
            self.note(line, slug, is_error=is_lost)  # an option or an answer without its question is no mere title
            return
        if line.is_table and question.is_complete:
            self.note(line, "word-table-passed-over")
            return
        question.objects += [(what, line) for what in line.objects]
        if line.is_table and (question.options or self._field is not None):
            question.objects.append((Refusal("word-table"), line))
            return
        if line.is_bare:
            return
        told = wording.key(line.text)
        if told:
            question.keys.append(told)
            question.is_reply = question.is_reply or wording.is_reply(line.text)
            self._field = "key"
        elif named := wording.named(line.text):
            self._field = named[0]
            question.fields.setdefault(named[0], []).append(line.rich.part(named[1]))
        elif not self._takes_options(question, line):
            self._go_on(question, line)

    def _takes_options(self, question: Question, line: Line) -> bool:
        found = wording.label(line.text)
        if found is None or (question.is_complete and self._field is not None and not self._is_weak):
            return False
        if question.options and self._is_weak and found.letter == "A":
            question.text, question.options, self._is_weak = self._raw, [], False  # they were text
        if not self._is_next(question.options, found.letter):
            return False
        end, told = len(line.text), wording.key_at_end(line.text)
        if told and told[0] > found.end:
            end = told[0]
            question.keys.append(told[1])
        if not question.options:
            self._raw, self._is_weak = list(question.text), found.letter.islower()
        self._raw.append(line.rich)
        question.options += [option for _, option in split_options(line, found.at, end, first=found)]
        self._field = None
        return True

    def _is_next(self, options: list[Option], letter: str) -> bool:
        """Say whether a letter may go on a list of options: one may be missing, or be there again."""
        if not options:
            return letter in "ABab"
        last = options[-1].letter
        return letter.isupper() == last.isupper() and ord(letter) <= ord(last) + 2

    def _go_on(self, question: Question, line: Line) -> None:
        """Take a line that starts nothing as part of what came before it, where that is certain."""
        if self._field in _LONG_TEXTS:
            if self._item and wording.label(line.text):
                self.note(line, "word-options-in-explanation")
            question.fields[self._field].append(line.rich)
        elif question.options and self._field is None and not line.is_first:
            question.options[-1].lines.append(line.rich)
            self._raw.append(line.rich)
        elif question.options or self._field == "key":
            question.strays.append(line)
        else:
            self._take_text(question, line, 0)

    def _path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self._topic)

    def _close(self) -> None:
        self._question, self._field, self._in_answers = None, None, False
        self._item, self._is_weak, self._raw = 0, False, []
