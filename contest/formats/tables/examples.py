"""The examples of a question template that are more than options to tick: one of each kind."""

from decimal import Decimal

from contest.formats.drafts import OptionDraft, PartDraft, QuestionDraft
from contest.rules.question_terms import FileKind, Kind, PartKind
from contest.rules.questions.choices import even_weights
from contest.rules.questions.true_false import FALSE, TRUE

_RIGHT, _WRONG = Decimal(1), Decimal(0)


def _options(*texts: str, right: int = 0) -> tuple[OptionDraft, ...]:
    weights = even_weights(right) if right else ()
    return tuple(OptionDraft(text, weights[n] if n < right else _WRONG) for n, text in enumerate(texts))


def _part(kind: PartKind, text: str, *answers: str, unit: str = "", with_accents: bool = True) -> PartDraft:
    return PartDraft(kind, text, tuple(OptionDraft(a, _RIGHT) for a in answers), unit, with_accents=with_accents)


def _choice(*texts: str) -> PartDraft:
    return PartDraft(PartKind.CHOICE, answers=_options(*texts, right=1))


_OFFICES = ("Ban Chấp hành", "Ủy ban Kiểm tra", "Tổ công đoàn")
EXAMPLES = (
    QuestionDraft(
        "VD-002", Kind.MULTIPLE_CHOICE, "Những ngày nào là ngày lễ, tết được nghỉ hưởng nguyên lương?",
        _options("Ngày Quốc khánh 02/9", "Ngày Quốc tế Lao động 01/5", "Ngày 20/10", "Ngày 22/12", right=2),
    ),
    QuestionDraft(
        "VD-003", Kind.TRUE_FALSE, "Người lao động có quyền thành lập, gia nhập và hoạt động công đoàn.",
        _options(TRUE, FALSE, right=1),
    ),
    QuestionDraft(
        "VD-004", Kind.STATEMENTS, "Về tổ chức công đoàn, mỗi ý sau đúng hay sai?", (),
        parts=(
            _part(PartKind.STATEMENT, "Công đoàn Việt Nam là thành viên của Mặt trận Tổ quốc Việt Nam.", "true"),
            _part(PartKind.STATEMENT, "Mọi đoàn viên đều phải là cán bộ.", "false"),
            _part(PartKind.STATEMENT, "Đoàn viên được tham gia thảo luận công việc của công đoàn.", "true"),
        ),
    ),
    QuestionDraft(
        "VD-005", Kind.MATCHING, "Ghép mỗi việc với nơi phụ trách.", _options(*_OFFICES),
        parts=(
            _part(PartKind.STEM, "Lãnh đạo công đoàn giữa hai kỳ đại hội", _OFFICES[0]),
            _part(PartKind.STEM, "Kiểm tra việc chấp hành Điều lệ", _OFFICES[1]),
        ),
    ),
    QuestionDraft(
        "VD-006", Kind.ORDERING, "Xếp các sự kiện theo thời gian, sớm nhất ở trên.",
        _options("Cách mạng tháng Tám", "Chiến thắng Điện Biên Phủ", "Thống nhất đất nước"),
    ),
    QuestionDraft(
        "VD-007", Kind.NUMERIC, "Quãng đường Hà Nội – Hải Phòng theo cao tốc dài bao nhiêu?", (),
        parts=(_part(PartKind.NUMBER, "", "105:2", unit="km"),),
    ),
    QuestionDraft(
        "VD-008", Kind.SHORT_TEXT, "Ai đọc Tuyên ngôn Độc lập ngày 02/9/1945?", (),
        parts=(_part(PartKind.TEXT, "", "*Hồ Chí Minh", "Bác Hồ", with_accents=False),),
    ),
    QuestionDraft(
        "VD-009", Kind.CLOZE, "Thủ đô [[1]] giải phóng năm [[2]], nằm bên sông [[3]].", (),
        parts=(
            _part(PartKind.TEXT, "", "Hà Nội"),
            _part(PartKind.NUMBER, "", "1954"),
            _choice("Hồng", "Hương", "Hậu"),
        ),
    ),
    QuestionDraft(
        "VD-010", Kind.DROPDOWN, "Sông [[1]] chảy qua Huế, sông [[2]] chảy qua Cần Thơ.", (),
        parts=(_choice("Hương", "Hồng", "Hậu"), _choice("Hậu", "Hương", "Đà")),
    ),
    QuestionDraft(
        "VD-011", Kind.ESSAY, "Viết cảm nghĩ của bạn về công đoàn cơ sở nơi bạn làm việc.", (),
        least_words=150, most_words=500,
    ),
    QuestionDraft(
        "VD-012", Kind.UPLOAD, "Nộp bản thu hoạch của bạn, kèm ảnh chụp nếu có.", (),
        most_files=2, file_kinds=(FileKind.PDF, FileKind.WORD, FileKind.PICTURE),
    ),
    QuestionDraft(
        "VD-013", Kind.PASSAGE,
        "Ngày 28/7/1929, Đại hội thành lập Tổng Công hội đỏ Bắc Kỳ họp tại số nhà 15, phố Hàng Nón, Hà Nội.", (),
    ),
    QuestionDraft("VD-014", Kind.DESCRIPTION, "Phần hai: hiểu biết về đất nước, con người Việt Nam.", ()),
)  # fmt: skip
