"""The columns of a question table, and the words for kinds and levels that it may use."""

from contest.formats.drafts import OF_WORDS
from contest.formats.tables.keys import LETTERS
from contest.formats.tables.layout import Column, Layout
from contest.rules.labels import LABELS
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.refusals import Refusal
from contest.rules.text import fold

_OPTION_NAMES = ("Đáp án", "Lựa chọn", "Option", "Answer", "Choice")
HEAD = (
    Column("code", "Mã câu", ("Mã câu hỏi", "Mã", "Code", "Id", "Question code"), width=14),
    Column("kind", "Loại", ("Loại câu", "Loại câu hỏi", "Dạng", "Dạng câu hỏi", "Kind", "Type", "Question type")),
    Column("text", "Câu hỏi", ("Nội dung", "Nội dung câu hỏi", "Question", "Question text", "Text"), True, 60),
)
OPTIONS = tuple(
    Column(
        f"option-{number}", f"Phương án {letter}", (*(f"{name} {letter}" for name in _OPTION_NAMES), letter), width=28
    )
    for number, letter in enumerate(LETTERS, start=1)
)
TAIL = (
    Column("key", "Đáp án", ("Đáp án đúng", "Key", "Answer", "Correct", "Correct answer", "Answer key"), True, 12),
    Column("topic", "Chủ đề", ("Chuyên đề", "Topic", "Category"), width=30),
    Column("difficulty", "Mức độ", ("Độ khó", "Difficulty", "Level"), width=14),
    Column("source", "Căn cứ", ("Căn cứ pháp lý", "Nguồn", "Source", "Legal source"), width=40),
    Column("effective_on", "Ngày hiệu lực", ("Hiệu lực từ", "Effective on", "Effective date"), width=14),
    Column("explanation", "Giải thích", ("Lời giải", "Explanation"), width=50),
    Column("tags", "Nhãn", ("Thẻ", "Tags", "Tag"), width=24),
)
FEEDBACK = tuple(
    Column(f"feedback-{number}", f"Nhận xét {letter}", (f"Feedback {letter}",), width=28)
    for number, letter in enumerate(LETTERS, start=1)
)
RICH = Column("rich", "Định dạng", ("Có định dạng", "Rich", "Rich text", "Markdown"), width=12)
PASSAGE = Column("passage", "Thuộc đoạn dẫn", ("Đoạn dẫn", "Mã đoạn dẫn", "Passage", "Passage code"), width=14)
GUIDANCE = Column("guidance", "Hướng dẫn chấm", ("Biểu điểm", "Marking guidance", "Guidance", "Rubric"), width=50)
LAYOUT = Layout((*HEAD, *OPTIONS, *TAIL, *FEEDBACK, RICH, PASSAGE, GUIDANCE))

IS_RICH = {
    "": False,
    **dict.fromkeys(("khong", "no", "false"), False),
    **dict.fromkeys(("co", "x", "yes", "true"), True),
}

BAD_KIND = Refusal("bad-kind", {"kinds": ", ".join(LABELS[kind] for kind in OF_WORDS)})
KINDS = {
    **{fold(label): kind for kind in OF_WORDS for label in (LABELS[kind], kind.value, kind.value.replace("_", " "))},
    **dict.fromkeys(("mot lua chon", "single", "mcq"), Kind.SINGLE_CHOICE),
    **dict.fromkeys(("nhieu lua chon", "multiple", "multiple response"), Kind.MULTIPLE_CHOICE),
    **dict.fromkeys(("dung sai", "dung / sai", "dung - sai", "true/false"), Kind.TRUE_FALSE),
    **dict.fromkeys(("dung sai tung y", "nhieu y dung/sai", "nhieu y dung sai"), Kind.STATEMENTS),
    **dict.fromkeys(("ghep doi", "ghep noi", "noi cot"), Kind.MATCHING),
    **dict.fromkeys(("sap xep thu tu", "thu tu"), Kind.ORDERING),
    **dict.fromkeys(("so", "dap so", "numerical", "number"), Kind.NUMERIC),
    **dict.fromkeys(("dien tu", "short answer"), Kind.SHORT_TEXT),
    **dict.fromkeys(("dien khuyet", "dien vao cho trong"), Kind.CLOZE),
    **dict.fromkeys(("chon tu", "chon vao cho trong"), Kind.DROPDOWN),
    **dict.fromkeys(("viet", "bai viet"), Kind.ESSAY),
    **dict.fromkeys(("nop bai", "tai tep len", "file", "files", "upload"), Kind.UPLOAD),
    **dict.fromkeys(("bai doc", "doan van"), Kind.PASSAGE),
    **dict.fromkeys(("thong tin", "gioi thieu", "information"), Kind.DESCRIPTION),
}
DIFFICULTIES = {
    **{
        fold(label): level
        for level in Difficulty
        for label in (LABELS[level], level.value, level.value.replace("_", " "))
    },
    **dict(zip(("nb", "th", "vd", "vdc"), Difficulty, strict=True)),
}
