"""The words of a printed question: its text as it stands on paper, and the lines on which parts are answered."""

from contest.formats.printing.booklet import PrintedPart, PrintedQuestion, Words
from contest.rules.question_terms import Kind, PartKind
from contest.rules.questions.gaps import segments

_DOTS, _GAP = "." * 30, "." * 14
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ESSAY_LINES = 12


def text_of(text: str) -> str:
    """Return a text with its gaps numbered and dotted: (1)............"""
    return "".join(f"({piece}){_GAP}" if isinstance(piece, int) else piece for piece in segments(text))


def lines_of(question: PrintedQuestion, words: Words) -> list[str]:
    """Return the lines below a question: its statements and stems, or where to write."""
    match question.kind:
        case Kind.STATEMENTS:
            return [
                f"{_LETTERS[p.number - 1]}) {p.text}   {words.true} (   )   {words.false} (   )" for p in question.parts
            ]
        case Kind.MATCHING:
            return [f"{p.number}. {p.text}   – {_GAP}" for p in question.parts]
        case Kind.ORDERING:
            return [f"{words.right_order} {_DOTS}"]
        case Kind.CLOZE | Kind.DROPDOWN:
            return [_choices(p) for p in question.parts if p.options]
        case Kind.NUMERIC | Kind.SHORT_TEXT:
            return [f"{words.answer} {_DOTS} {p.unit}".rstrip() for p in question.parts]
        case Kind.ESSAY:
            return ["." * 105] * _ESSAY_LINES
        case _:
            return []


def _choices(part: PrintedPart) -> str:
    """Return what a gap may be filled with."""
    assert part.kind is PartKind.CHOICE
    return f"({part.number}) " + "    ".join(f"{option.letter}. {option.text}" for option in part.options)
