"""A question of every kind, as organisers would write it, and responses to it that are right, partly right and wrong."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.rules.question_terms import FileKind, Kind, PartKind
from contest.rules.questions import MARKED_BY_PEOPLE, TOLD

ONE, NONE = Decimal(1), Decimal(0)


def options(*texts: str, right: int = 0) -> tuple[OptionDraft, ...]:
    """Return options of which the first `right` share the mark."""
    share = ONE / right if right else NONE
    return tuple(OptionDraft(text, share if n < right else NONE) for n, text in enumerate(texts))


def _statement(text: str, is_true: bool) -> PartDraft:
    return PartDraft(PartKind.STATEMENT, text, (OptionDraft("true" if is_true else "false", ONE),))


def _stem(text: str, option: str) -> PartDraft:
    return PartDraft(PartKind.STEM, text, (OptionDraft(option, ONE),))


def _choice(*texts: str) -> PartDraft:
    return PartDraft(PartKind.CHOICE, answers=options(*texts, right=1))


_CAPITALS = ("Hà Nội", "Viêng Chăn", "Phnôm Pênh", "Băng Cốc")
SAMPLES: Mapping[Kind, dict[str, Any]] = {
    Kind.SINGLE_CHOICE: {
        "text": "Thủ đô của nước ta là thành phố nào?",
        "options": options("Hà Nội", "Huế", "Đà Nẵng", "Cần Thơ", right=1),
    },
    Kind.MULTIPLE_CHOICE: {
        "text": "Những thành phố nào ở miền Bắc?",
        "options": options("Hà Nội", "Hải Phòng", "Huế", "Cần Thơ", right=2),
    },
    Kind.TRUE_FALSE: {"text": "Hà Nội là thủ đô của nước ta.", "options": options("Đúng", "Sai", right=1)},
    Kind.STATEMENTS: {
        "text": "Về các thành phố trực thuộc trung ương, mỗi ý sau đúng hay sai?",
        "parts": (
            _statement("Hà Nội là thành phố trực thuộc trung ương.", True),
            _statement("Đà Lạt là thành phố trực thuộc trung ương.", False),
            _statement("Cần Thơ là thành phố trực thuộc trung ương.", True),
            _statement("Huế ở miền Nam.", False),
        ),
    },
    Kind.MATCHING: {
        "text": "Ghép mỗi nước với thủ đô của nước đó.",
        "options": options(*_CAPITALS),
        "parts": (
            _stem("Việt Nam", "Hà Nội"),
            _stem("Lào", "Viêng Chăn"),
            _stem("Cam-pu-chia", "Phnôm Pênh"),
        ),
    },
    Kind.ORDERING: {
        "text": "Xếp các sự kiện theo thời gian, sớm nhất ở trên.",
        "options": options("Cách mạng tháng Tám", "Chiến thắng Điện Biên Phủ", "Thống nhất đất nước", "Đổi mới"),
    },
    Kind.NUMERIC: {
        "text": "Mức lương cơ sở từ ngày 01/7/2024 là bao nhiêu?",
        "parts": (
            PartDraft(
                PartKind.NUMBER,
                answers=(OptionDraft("2.34", ONE), OptionDraft("2.3..2.4", Decimal("0.5"))),
                unit="triệu đồng",
            ),
        ),
    },
    Kind.SHORT_TEXT: {
        "text": "Ai đọc Tuyên ngôn Độc lập ngày 02/9/1945?",
        "parts": (
            PartDraft(
                PartKind.TEXT,
                answers=(
                    OptionDraft("* Hồ Chí Minh", ONE),
                    OptionDraft("Hồ Chí Minh", ONE),
                    OptionDraft("Bác Hồ", Decimal("0.5")),
                ),
                with_accents=False,
            ),
        ),
    },
    Kind.CLOZE: {
        "text": "Thủ đô [[1]] có [[2]] phường, xã và nằm bên sông [[3]].",
        "parts": (
            PartDraft(PartKind.TEXT, answers=(OptionDraft("Hà Nội", ONE),)),
            PartDraft(PartKind.NUMBER, answers=(OptionDraft("126", ONE),)),
            _choice("Hồng", "Hương", "Hậu"),
        ),
    },
    Kind.DROPDOWN: {
        "text": "Sông [[1]] chảy qua Huế, sông [[2]] chảy qua Cần Thơ.",
        "parts": (_choice("Hương", "Hồng", "Hậu"), _choice("Hậu", "Hương", "Đà")),
    },
    Kind.HOTSPOT: {
        "text": "Hà Nội nằm ở đâu trên bản đồ?\n\n![Bản đồ](media:ban-do-400x300.png)",
        "options": tuple(
            OptionDraft(text, weight, area=area)
            for text, weight, area in (("Phía bắc", ONE, "40 5 20 20"), ("Phía nam", NONE, "40 75 20 20"))
        ),
        "rich": True,
    },
    Kind.ESSAY: {"text": "Viết cảm nghĩ của bạn về công đoàn cơ sở.", "least_words": 5, "most_words": 500},
    Kind.UPLOAD: {
        "text": "Nộp bản thu hoạch của bạn, kèm ảnh chụp nếu có.",
        "most_files": 2,
        "file_kinds": (FileKind.PDF, FileKind.WORD, FileKind.PICTURE),
    },
    Kind.PASSAGE: {"text": "Công đoàn Việt Nam thành lập ngày 28/7/1929.\nĐọc đoạn trên rồi trả lời."},
    Kind.DESCRIPTION: {"text": "Phần thứ hai hỏi về địa lý."},
}  # fmt: skip

# What a right and a wrong response give, by the words of the question: parts by number, options by text.
RIGHT: Mapping[Kind, Any] = {
    Kind.SINGLE_CHOICE: "Hà Nội",
    Kind.MULTIPLE_CHOICE: ["Hà Nội", "Hải Phòng"],
    Kind.TRUE_FALSE: "Đúng",
    Kind.STATEMENTS: {1: "true", 2: "false", 3: "true", 4: "false"},
    Kind.MATCHING: {1: "Hà Nội", 2: "Viêng Chăn", 3: "Phnôm Pênh"},
    Kind.ORDERING: ["Cách mạng tháng Tám", "Chiến thắng Điện Biên Phủ", "Thống nhất đất nước", "Đổi mới"],
    Kind.NUMERIC: {1: "2,34"},
    Kind.SHORT_TEXT: {1: "chủ tịch hồ chí minh"},
    Kind.CLOZE: {1: "hà nội", 2: "126", 3: "Hồng"},
    Kind.DROPDOWN: {1: "Hương", 2: "Hậu"},
    Kind.HOTSPOT: "Phía bắc",
    Kind.ESSAY: "Công đoàn cơ sở là mái nhà chung.",
    Kind.UPLOAD: [f"AAAAAAAAAAAAAAAA-{'0' * 32}.pdf"],
}
PARTLY: Mapping[Kind, tuple[Any, Decimal]] = {
    Kind.MULTIPLE_CHOICE: (["Hà Nội"], NONE),
    Kind.STATEMENTS: ({1: "true", 2: "true", 3: "true", 4: "false"}, Decimal("0.75")),
    Kind.MATCHING: ({1: "Băng Cốc", 2: "Hà Nội", 3: "Phnôm Pênh"}, ONE / 3),
    Kind.ORDERING: (["Chiến thắng Điện Biên Phủ", "Cách mạng tháng Tám", "Thống nhất đất nước", "Đổi mới"], NONE),
    Kind.NUMERIC: ({1: "2,4"}, Decimal("0.5")),
    Kind.SHORT_TEXT: ({1: "BAC HO"}, Decimal("0.5")),
    Kind.CLOZE: ({1: "Hà Nội", 3: "Hậu"}, ONE / 3),
    Kind.DROPDOWN: ({1: "Hương", 2: "Đà"}, Decimal("0.5")),
}


# What a bank can hold without a picture of its own, and what is scored without people.
AUTOMATIC = tuple(kind for kind in Kind if kind not in MARKED_BY_PEOPLE | TOLD | {Kind.HOTSPOT})


def sample(kind: Kind, code: str | None = None, **values: Any) -> QuestionDraft:
    """Return the question of a kind."""
    made: dict[str, Any] = {"options": (), "explanation": f"Vì sao: {kind}", **SAMPLES[kind], **values}
    return QuestionDraft(code or f"K-{kind}", kind, **made)


def response(question: Any, given: Any) -> Any:
    """Return a response in the ids of a question as a paper shows it, from one in its words."""
    ids = {o.text: o.id for o in question.options}
    if isinstance(given, Mapping):
        by_number = {part.number: part for part in question.parts}
        return {
            by_number[n].id: {o.text: o.id for o in by_number[n].options}.get(text, text) for n, text in given.items()
        }
    return [ids.get(text, text) for text in given] if isinstance(given, list) else ids.get(given, given)
