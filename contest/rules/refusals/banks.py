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
    "bad-area": mark("Vùng trên hình gồm bốn số phần trăm: cách trái, cách trên, rộng, cao, ví dụ 10 20 30 15."),
    "hotspot-picture": mark("Câu này cần một hình trong lời câu hỏi."),
    "parts-count": mark("Câu hỏi loại này có từ %(low)s đến %(high)s ý."),
    "options-of-no-use": mark("Loại câu này không dùng phương án."),
    "bad-part": mark("Loại câu này không có ý kiểu đó."),
    "no-right-part": mark("Ý này chưa có đáp án đúng."),
    "weight-of-part": mark("Trọng số của một đáp án phải từ 0%% đến 100%%."),
    "bad-answer": mark("Không hiểu được đáp án “%(answer)s”."),
    "gap-missing": mark("Lời câu hỏi chưa có chỗ trống [[%(number)s]]."),
    "gap-twice": mark("Lời câu hỏi có chỗ trống [[%(number)s]] nhiều lần."),
    "gap-unknown": mark("Chỗ trống [[%(number)s]] trong lời câu hỏi chưa có đáp án."),
    "order-incomplete": mark("Thứ tự đúng phải có đủ các phương án."),
    "bad-word-limits": mark("Số từ phải từ 0 đến %(high)s, số tối thiểu không lớn hơn số tối đa."),
    "passage-in-passage": mark("Đoạn dẫn, lời dẫn không thuộc một đoạn dẫn khác."),
    "no-such-passage": mark("Ngân hàng này không có đoạn dẫn mã %(code)s."),
    "passage-has-questions": mark(
        "Đang có câu hỏi thuộc đoạn dẫn này nên không đổi được loại. Hãy gỡ các câu ấy ra trước."
    ),
    "no-key-to-correct": mark("Loại câu này do người chấm hoặc chỉ để đọc, không có đáp án để đổi."),
    "picture-unnamed": mark(
        "Mỗi hình, mỗi đoạn âm thanh cần lời mô tả, viết giữa hai dấu ngoặc vuông: ![lời mô tả](media:…)."
    ),
    "too-many-media": mark("Một ô có nhiều nhất %(limit)s hình và đoạn âm thanh."),
    "table-too-large": mark("Bảng trong một ô có nhiều nhất %(limit)s ô con."),
    "formula-unreadable": mark("Công thức “%(formula)s” viết chưa đúng LaTeX."),
    "formula-braces": mark("Công thức “%(formula)s” thừa hoặc thiếu dấu ngoặc nhọn."),
    "formula-command": mark("Công thức “%(formula)s” dùng lệnh %(what)s, hệ thống không hiển thị được."),
    "formula-sign": mark(
        "Công thức “%(formula)s” có dấu %(what)s đứng sai chỗ; muốn hiện dấu đó thì viết thêm \\ ngay trước nó."
    ),
    "formula-too-long": mark("Công thức “%(formula)s” dài hoặc lồng nhau quá nhiều."),
    "media-elsewhere": mark("Hình hoặc âm thanh %(name)s không có trong ngân hàng này. Hãy chèn lại từ tệp."),
    "media-kind": mark("Chỉ nhận hình PNG, JPEG, WebP, GIF và âm thanh MP3, OGG, M4A, WAV."),
    "media-foreign": mark("Tệp này là %(kind)s, không dùng được. Hãy lưu lại thành PNG hoặc JPEG rồi chèn."),
    "media-damaged": mark("Tệp này hỏng, không mở được như một hình hay một đoạn âm thanh."),
    "media-moving": mark("Hình động không dùng được trong câu hỏi. Hãy lưu lại một hình tĩnh rồi chèn."),
    "media-pixels": mark(
        "Hình có quá nhiều điểm ảnh: mỗi chiều nhiều nhất %(side)s, cả hình nhiều nhất %(limit)s triệu."
    ),
    "media-bytes": mark("Tệp lớn quá %(limit)s MB."),
    "media-minutes": mark("Đoạn âm thanh dài quá %(limit)s phút."),
    "media-words-missing": mark("Viết lời mô tả cho hình hoặc đoạn âm thanh, để người không xem được vẫn hiểu."),
}
