"""Refusals about questions and banks: slug → message id."""

from contest.rules.terms import mark

BANKS: dict[str, str] = {
    "too-few-options": mark("Câu hỏi cần ít nhất %(low)s phương án."),
    "too-many-options": mark("Một câu hỏi có nhiều nhất %(limit)s phương án."),
    "two-options": mark("Câu hỏi Đúng/Sai có đúng hai phương án."),
    "options-alike": mark("Phương án này giống phương án thứ %(first)s."),
    "one-right": mark("Câu hỏi này cần đúng một phương án đúng, hiện có %(count)s."),
    "bad-bank-code": mark("Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
    "no-right": mark("Chưa chọn phương án đúng."),
    "key-of-no-option": mark("Đáp án chỉ đến một phương án không có trong câu hỏi."),
    "weight-range": mark("Trọng số của phương án phải từ -%(most)s%% đến %(most)s%%."),
    "weights-sum": mark("Trọng số của các phương án đúng cộng lại phải bằng 100%%, hiện là %(sum)s%%."),
    "bank-code-taken": mark("Mã ngân hàng này đã có."),
    "question-code-taken": mark("Mã câu này đã có trong ngân hàng."),
    "own-question": mark("Câu hỏi cần người thứ hai duyệt; người soạn không tự duyệt được."),
    "no-source-chosen": mark("Chưa đánh dấu căn cứ nào."),
    "question-needed": mark(
        "%(round)s (%(contest)s) chưa đóng và sẽ thiếu %(missing)s câu để ra đề. Hãy duyệt câu thay thế trước."
    ),
    "same-text-other-key": mark("Trùng lời với câu %(code)s nhưng đáp án khác."),
    "near-duplicate": mark("Gần giống câu %(code)s."),
    "nothing-chosen": mark("Chưa chọn câu nào để nhập."),
    "question-twice-in-file": mark("Mã câu %(code)s có ở nhiều dòng trong tệp."),
}
