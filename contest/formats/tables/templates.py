"""Templates to fill in: a header, an example, drop-down lists, and a sheet that explains every column."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from contest.formats.drafts import OF_WORDS, MemberDraft, OptionDraft, Place, Problem, QuestionDraft, Reading, UnitDraft
from contest.formats.tables.examples import EXAMPLES
from contest.formats.tables.members import member_page
from contest.formats.tables.question_columns import HEAD, OPTIONS, PASSAGE, TAIL
from contest.formats.tables.questions import question_page
from contest.formats.tables.spreadsheet import write_workbook
from contest.formats.tables.units import unit_page
from contest.rules.labels import LABELS
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import Refusal

T = TypeVar("T", QuestionDraft, UnitDraft, MemberDraft)

_RIGHT, _WRONG = Decimal(1), Decimal(0)
_QUESTIONS = (
    QuestionDraft(
        code="VD-001",
        kind=Kind.SINGLE_CHOICE,
        text="Công đoàn Việt Nam được thành lập ngày nào?",
        options=(
            OptionDraft("03/02/1930", _WRONG),
            OptionDraft("28/7/1929", _RIGHT),
            OptionDraft("01/5/1930", _WRONG),
            OptionDraft("02/9/1945", _WRONG),
        ),
        topic=("Công đoàn", "Lịch sử"),
        difficulty=Difficulty.RECALL,
        source="Điều lệ Công đoàn Việt Nam",
        effective_on=date(2020, 2, 3),
        explanation="Ngày 28/7/1929, Tổng Công hội đỏ Bắc Kỳ được thành lập tại Hà Nội.",
        tags=("lịch sử",),
        passage="VD-013",
    ),
    *EXAMPLES,
)
_UNITS = (
    UnitDraft("CD", "Công đoàn ngành", "CĐ ngành", "Công đoàn cấp trên"),
    UnitDraft("CD-01", "Công đoàn cơ sở số 1", "CĐCS số 1", "Công đoàn cơ sở", "CD", 120),
)
_MEMBERS = (
    MemberDraft(
        "DV000001", "Nguyễn Thị Ánh", date(1987, 2, 14), "0912345678", "anh@example.com", "001187000001", "CD-01"
    ),
)
_QUESTION_GUIDE = (
    "Cách điền bảng câu hỏi",
    "Mỗi dòng là một câu. Cần có: Câu hỏi, các phương án và Đáp án. Các cột khác có thể để trống; thứ tự cột tùy ý.",
    "Mã câu: không trùng nhau. Tải lên lần nữa với mã đã có là sửa câu đó, không thêm câu mới.",
    "Loại: chọn trong danh sách; mỗi loại có một dòng ví dụ. Để trống thì hiểu theo đáp án, chỉ với câu chọn phương án "
    "và câu có đáp án Đ, S.",
    "Đáp án: chữ cái của phương án, ví dụ B; nhiều đáp án: A, C; câu Đúng/Sai: Đúng hoặc Sai (không cần điền phương án).",
    "Câu một đáp án muốn cho một phần điểm ở phương án khác: ghi phần trăm sau chữ cái, ví dụ B (100%), C (50%).",
    "Đúng/Sai từng ý: mỗi ý một ô phương án; đáp án: Đ, S, Đ, S theo thứ tự các ý.",
    "Ghép cặp: mỗi cặp một ô, vế trái = vế phải. Ô không có dấu = là phương án thừa. Dấu = trong vế trái viết là \\=.",
    "Sắp xếp: các phương án theo thứ tự đúng, ô đáp án để trống; hoặc ghi thứ tự đúng bằng chữ cái, ví dụ B, A, C.",
    "Điền số: đáp án là số, 12,5 ± 0,1 hoặc 10 – 12. Đơn vị ghi ở dòng đầu của ô: Số (km): rồi xuống dòng ghi số.",
    "Trả lời ngắn: mỗi cách viết được chấp nhận một dòng (Alt + Enter); dấu * thay cho chữ bất kỳ.",
    "Một phần điểm cho một số hay một cách viết: 50%: ở đầu dòng.",
    "Không cần gõ đúng dấu, hoặc có phân biệt hoa thường: dòng đầu của ô ghi Chữ (không cần dấu): hoặc "
    "Chữ (phân biệt hoa thường):",
    "Điền chỗ trống, Chọn từ cho chỗ trống: trong câu hỏi viết [[1]], [[2]] …; phương án A là đáp án của [[1]], "
    "phương án B của [[2]] …",
    "Trong ô của chỗ trống: chữ cần điền; hoặc Số: 126; hoặc Chọn: rồi mỗi dòng một từ, dòng đầu là từ đúng. Với loại "
    "Chọn từ thì không cần ghi Chọn:",
    "Tự luận: ô đáp án để trống hoặc ghi số từ: 150 – 300 từ, ít nhất 150 từ, nhiều nhất 300 từ.",
    "Đoạn dẫn, Lời dẫn: chỉ ghi lời ở cột Câu hỏi; để trống phương án và đáp án.",
    "Thuộc đoạn dẫn: mã của đoạn dẫn, là một dòng trong tệp này hoặc một đoạn dẫn đã có trong ngân hàng. Các câu cùng "
    "đoạn dẫn vào đề cùng nhau.",
    "Chủ đề: các cấp cách nhau bằng dấu /, ví dụ Công đoàn / Lịch sử. Dấu / trong tên viết thành //.",
    "Mức độ: Nhận biết, Thông hiểu, Vận dụng hoặc Vận dụng cao.",
    "Căn cứ: văn bản và điều khoản. Ngày hiệu lực: ngày/tháng/năm.",
    "Nhãn: cách nhau bằng dấu phẩy.",
    "Các dòng ví dụ để nguyên thì không được nhập.",
)
_PEOPLE_GUIDE = (
    "Cách điền danh sách đơn vị và đoàn viên",
    "Trang Đơn vị: mỗi dòng là một đơn vị, cần có Mã đơn vị và Tên đơn vị.",
    "Để trống Mã đơn vị cấp trên thì đơn vị mới nằm ngay dưới đơn vị cao nhất, đơn vị đã có giữ nguyên chỗ.",
    "Trang Đoàn viên: mỗi dòng là một người, cần có Họ và tên và Mã đơn vị. Các cột khác có thể để trống.",
    "Nên có Mã đoàn viên: tải lên lần nữa với mã đã có là sửa người đó, không thêm người mới.",
    "Ngày sinh: ngày/tháng/năm. Điện thoại và Số định danh giữ nguyên số 0 ở đầu.",
    "Có thể bỏ một trong hai trang. Các dòng ví dụ để nguyên thì không được nhập.",
)


def without_examples(reading: Reading[T]) -> Reading[T]:
    """Return a reading without the rows that still are a template's examples, word for word, and say so of each."""
    examples = (*_QUESTIONS, *_UNITS, *_MEMBERS)
    left = [d for d in reading.drafts if replace(d, place=Place()) in examples]
    passed: tuple[Problem, ...] = tuple(Problem(Refusal("example-row"), d.place, d.code or "", "warning") for d in left)
    return Reading(tuple(d for d in reading.drafts if d not in left), (*reading.problems, *passed))


def questions_template() -> bytes:
    """Return a workbook to fill in with questions."""
    choices = {
        "kind": [LABELS[kind] for kind in OF_WORDS],
        "difficulty": [LABELS[level] for level in Difficulty],
    }
    page = question_page(_QUESTIONS, (*HEAD, *OPTIONS[:8], *TAIL, PASSAGE))
    return write_workbook([replace(page, choices=choices)], _QUESTION_GUIDE)


def people_template() -> bytes:
    """Return a workbook to fill in with units and members."""
    return write_workbook([unit_page(_UNITS), member_page(_MEMBERS)], _PEOPLE_GUIDE)
