"""The words of a question list: what starts a question, an option, an answer, a topic, or a line with a name.

GUARD, which is invisible and dropped from every text, keeps words from being taken for structure: it is in front of
them where a list was written by `writer`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from contest.formats.tables.question_columns import DIFFICULTIES
from contest.formats.word.old_codes import old_code_of
from contest.rules.question_terms import Difficulty
from contest.rules.text import fold

GUARD = "\u2060"

_I = re.IGNORECASE
_QUESTION = re.compile(
    r"[\s*]{0,9}(?:câu\s{1,3}hỏi|câu|cau|question)\s{0,3}(?:số|thứ)?\s{0,3}([0-9]{1,5})\s{0,3}"
    r"(?:([\[(][^)\]\n]{1,40}[)\]])\s{0,3})?(?:[.:)/–—-]{1,3}(?![0-9])|\t|$|(?<=[)\]]))\s*",
    _I,
)
_PLAIN = re.compile(r"[\s*]{0,9}([0-9]{1,5})(?:[.:)/]{1,2}|\t)(?![0-9])\s*")
_LEVEL = re.compile(r"[\[(]\s{0,3}([^)\]\n]{2,16}?)\s{0,3}[)\]][.:]?\s*")
_OPTION = re.compile(r"\s{0,9}(\*?)\s?\(?([A-Za-z])(\*?)\s?([.)/:]|\t)\s*")
_TOPIC = re.compile(
    r"\s*(?:(phần|chương)\s{1,3}(?:[IVXLC]{1,6}|[0-9]{1,3}|[A-Z])|(chủ\s?đề|chuyên\s?đề)\s{0,3}(?:[IVXLC]{1,6}|[0-9]{1,3}|[A-Z])?)"
    r"\s{0,3}(?:[.:–—-]{1,2}\s*(?=\S)|$)",
    _I,
)
_RANKS = {"phần": 1, "chương": 2}
_LOWEST_RANK = 3
_ROMAN = re.compile(r"\s*[IVX]{1,6}[.:)\-–]\s*")
_KEY = re.compile(
    r"[\W_]{0,9}?(?:đáp\s?án|dap\s?an|đ/?a|phương\s?án|trả\s?lời(?:\s{1,3}ngắn)?|answer|key)\s{0,3}(?:đúng(?:\s{1,3}nhất)?|chính\s?xác)?"
    r"\s{0,3}(?:(?:là)?\s{0,3}:|là(?=\s)|(?=\s[A-Z]\W{0,3}$))\s*(.*)$",
    _I,
)
_KEY_AT_END = re.compile(
    r"(?<=[\s(\[])(?:đáp\s?án|ĐA)\s{0,3}(?:đúng)?\s{0,3}(?:là)?\s{0,3}:\s{0,3}([A-Z](?:\s?[,;&]\s?[A-Z]){0,25})[\s.)\]]{0,3}$",
    _I,
)
_ANSWERS = re.compile(
    r"[\W_]{0,9}?(?:bảng\s{1,3})?(?:đáp\s?án|dap\s?an)"
    r"(?:\s{1,3}(?:đúng|tham khảo|chi tiết|trắc nghiệm|phần\s{1,3}\w{1,6}))?[\W_]{0,9}$",
    _I,
)
_FIELD = re.compile(
    r"[\s*\-–•]{0,9}(?:(?P<explanation>giải\s?thích|lời\s?giải|hướng\s?dẫn\s?giải)|(?P<guidance>hướng\s?dẫn\s?chấm|biểu\s?điểm)"
    r"|(?P<source>căn\s?cứ(?:\s{1,3}pháp\s?lý)?|nguồn)"
    r"|(?P<difficulty>mức\s?độ|độ\s?khó)|(?P<kind>(?:loại|dạng)\s?câu(?:\s?hỏi)?)|(?P<code>mã\s?câu(?:\s?hỏi)?)"
    r"|(?P<effective_on>ngày\s?hiệu\s?lực|hiệu\s?lực\s?từ)|(?P<tags>nhãn)|(?P<words>số\s?(?:từ|tệp))|(?P<passage>thuộc\s{1,3}đoạn\s?dẫn))\s{0,3}:\s*",
    _I,
)
_REPLY = re.compile(r"[\W_]{0,9}trả\s?lời(?:\s{1,3}ngắn)?\s{0,3}:", _I)
_END = re.compile(r"[\W_]*+(?:hết|the end)?+[\W_]*+$", _I)
_ENTRY = re.compile(
    r"(?:câu\s{0,3})?([0-9]{1,5})(?:\s{0,3}[.:)/–-]{1,2}\s{0,3}|\s{0,3})"
    r"((?:đúng|sai)\b|[A-Za-z](?:\s?[,+&]\s?[A-Za-z](?![^\W_])){0,25}(?![^\W_])|[A-Z]{2,8}(?![^\W_])|đ\b)[\s,;.|]*",
    _I,
)
_NUMBER_CELL = re.compile(r"(?:câu\s{0,3})?([0-9]{1,5})[.:)]?", _I)
_KEY_CELL = re.compile(r"[A-Za-z](?:\s?[,;+&/]?\s?[A-Za-z]){0,25}|đúng|sai|đ", _I)
_HEAD_CELLS = {"cau", "cau hoi", "cau so", "so cau", "stt", "tt", "dap an", "d/a", "da", "dap an dung", ""}
_LIST_HEADS = {"noi dung", "noi dung cau hoi", "phuong an", "phuong an tra loi", "cau hoi va phuong an"}
_LONGEST_LABEL = 12


@dataclass(frozen=True, slots=True)
class Start:
    """Where a question starts: its number, where its text begins, and what its brackets say."""

    number: int
    end: int
    level: Difficulty | None = None
    brackets: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The letter before an option: where it stands, where the option's text begins, and its delimiter."""

    letter: str
    at: int
    end: int
    delimiter: str
    is_starred: bool = False


def is_question(text: str) -> bool:
    return _QUESTION.match(text) is not None


def question_start(text: str) -> Start | None:
    """Return the start of a question that says so: "Câu 1.", "CÂU 1:", "Câu hỏi số 1 (NB):"."""
    found = _QUESTION.match(text)
    return None if found is None else _start(text, int(found[1]), found.end(), found[2] or "")


def plain_start(text: str) -> Start | None:
    """Return a start that is a mere number: "1.", "1)"."""
    found = _PLAIN.match(text)
    return None if found is None else _start(text, int(found[1]), found.end(), "")


def _start(text: str, number: int, end: int, brackets: str) -> Start:
    told = _LEVEL.fullmatch(brackets) or (None if brackets else _LEVEL.match(text, end))
    level = DIFFICULTIES.get(fold(told[1])) if told else None
    if level is None:
        return Start(number, end, None, brackets)
    return Start(number, end if brackets else told.end() if told else end, level)


def label(text: str) -> Label | None:
    """Return the letter that a line starts with."""
    found = _OPTION.match(text)
    if found is None:
        return None
    return Label(found[2], found.start(2), found.end(), found[4], bool(found[1] or found[3]))


def next_label(text: str, start: int, expected: str, delimiter: str) -> Label | None:
    """Return the next letter within a line: the expected one after a space, any later one after a wide gap."""
    found = _inline(expected, delimiter, expected.islower()).search(text, start)
    if found is None:
        return None
    letter = found[3] or found[6]
    is_starred = bool(found[2] or found[4] or found[5] or found[7])
    return Label(letter, found.start(3) if found[3] else found.start(6), found.end(), delimiter, is_starred)


@cache
def _inline(expected: str, delimiter: str, is_lower: bool) -> re.Pattern[str]:
    letters = f"{expected}-z" if is_lower else f"{expected}-Z"
    mark = re.escape(delimiter)
    return re.compile(
        rf"(\t|\s{{2}})(\*?)\(?([{letters}])(\*?)\s?{mark}\s*|(?<=\s)(\*?)\(?({expected})(\*?){mark}(?:\s+|$)"
    )


def topic(text: str) -> tuple[int, str] | None:
    """Return the rank and the name of a topic that is told in words: "Chủ đề: …", "Phần I. …"."""
    found = _TOPIC.match(text)
    if found is None:
        return None
    rank = _RANKS.get((found[1] or "").lower(), _LOWEST_RANK)
    return rank, text[found.end() :].strip() or text.strip()


def roman_topic(text: str) -> str | None:
    """Return a topic in capitals behind a Roman number: "II. PHÁP LUẬT LAO ĐỘNG"."""
    found = _ROMAN.match(text)
    name = text[found.end() :].strip() if found else ""
    letters = [c for c in name if c.isalpha()]
    return name if len(letters) > 2 and name == name.upper() else None


def key(text: str) -> str | None:
    """Return what an answer line says behind "Đáp án:"; empty where it is a mere heading."""
    if text.startswith(GUARD):
        return None
    found = _KEY.match(text)
    return found[1].strip() if found else ("" if _ANSWERS.match(text) else None)


def is_reply(text: str) -> bool:
    """Say whether an answer line is one of a few words: "Trả lời: …"."""
    return _REPLY.match(text) is not None


def key_at_end(text: str) -> tuple[int, str] | None:
    """Return where an answer stands at the end of another line, and what it says."""
    found = _KEY_AT_END.search(text)
    return (found.start(), found[1]) if found else None


def is_answers_heading(text: str) -> bool:
    """Say whether a line stands above a list of answers: "ĐÁP ÁN", "Bảng đáp án:"."""
    return key(text) == ""


def named(text: str) -> tuple[str, int] | None:
    """Return which field a line names ("Giải thích:", "Căn cứ:", "Mức độ:" …) and where its text begins."""
    found = _FIELD.match(text)
    return (found.lastgroup, found.end()) if found and found.lastgroup else None


def is_end(text: str) -> bool:
    """Say whether a line is mere ornament, or the "HẾT" under a paper."""
    return not text.startswith(GUARD) and _END.match(text) is not None


def entries(text: str) -> list[tuple[int, str]]:
    """Return the entries of a list of answers, "1.A 2.C" or "Câu 1: A"; nothing unless the line is all entries."""
    found, at = [], len(text) - len(text.lstrip())
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None:
            return []
        found.append((int(entry[1]), entry[2]))
        at = entry.end()
    return found


def entries_of_grid(grid: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Return the entries of a table of answers: numbers over letters, numbers beside letters, or whole entries."""
    cells = [cell for row in grid for cell in row if fold(cell) not in _HEAD_CELLS]
    whole = [entry for cell in cells for entry in entries(cell)]
    if cells and all(entries(cell) for cell in cells):
        return whole
    if not all(_NUMBER_CELL.fullmatch(cell) or _KEY_CELL.fullmatch(cell) for cell in cells):
        return []
    return _paired(grid) or _paired(list(zip(*grid, strict=False)))


def _paired(rows: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Return the entries of rows that are numbers and keys in turn; nothing where they are not."""
    kept = [[cell for cell in row if fold(cell) not in _HEAD_CELLS] for row in rows]
    kept = [row for row in kept if row]
    found: list[tuple[int, str]] = []
    for numbers, keys in zip(kept[::2], kept[1::2], strict=False):
        if len(numbers) != len(keys):
            return []
        for cell, typed in zip(numbers, keys, strict=True):
            number = _NUMBER_CELL.fullmatch(cell)
            if number is None or not _KEY_CELL.fullmatch(typed):
                return []
            found.append((int(number[1]), typed))
    return found if len(kept) % 2 == 0 else []


def is_label(text: str) -> bool:
    """Say whether a cell holds nothing but the label of what stands in the next."""
    bare = text.strip()
    if len(bare) > _LONGEST_LABEL:
        return False
    is_number = re.fullmatch(r"(?:câu\s{0,3})?[0-9]{1,5}[.:)/]?", bare, _I) is not None
    return is_number or re.fullmatch(r"\*?\(?[A-Za-z]\*?[.)/:]?", bare) is not None


def is_number(text: str) -> bool:
    """Say whether a cell holds the number of a question and nothing else."""
    return _NUMBER_CELL.fullmatch(text.strip()) is not None


def is_key(text: str) -> bool:
    """Say whether a cell holds an answer and nothing else."""
    return _KEY_CELL.fullmatch(text) is not None


def is_head(text: str) -> bool:
    """Say whether a cell is the head of a column of a question list."""
    return fold(text).strip(" .:") in {*_HEAD_CELLS, *_LIST_HEADS}


def starts_something(text: str) -> bool:
    """Say whether a cell belongs to a question: it starts one, or an option, or is the label of one."""
    found = label(text)
    return is_question(text) or (found is not None and found.letter.isupper()) or named(text) is not None


def guarded(text: str) -> str:
    """Return a text in which nothing is taken for structure when it is read."""
    guard = GUARD if old_code_of(text) else ""
    return guard + "\n".join(map(_guarded, text.split("\n")))


def _guarded(line: str) -> str:
    inner = _HAZARDS.sub(GUARD, line)
    starts = any(pattern.match(line) for pattern in _STARTS) or line.startswith("*") or is_end(line) or entries(line)
    return f"{GUARD if starts else ''}{inner}{GUARD if line.endswith(('*', '(*)')) else ''}"


_STARTS = (_QUESTION, _PLAIN, _LEVEL, _OPTION, _TOPIC, _ROMAN, _KEY, _ANSWERS, _FIELD)
_HAZARDS = re.compile(r"(?<=\s)(?=\*?\(?[A-Za-z]\*?\s?[.)/:])|(?<=[\s(\[])(?=đáp\s?án|ĐA)", _I)
