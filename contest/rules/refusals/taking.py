"""Refusals of taking part: slug → message id."""

from contest.rules.terms import mark

TAKING: dict[str, str] = {
    "round-not-open": mark("Vòng thi này mở lúc %(opens_at)s."),
    "round-closed": mark("Vòng thi này đã đóng lúc %(closes_at)s."),
    "between-windows": mark("Lúc này không trong khung giờ thi. Khung giờ tiếp theo mở lúc %(opens_at)s."),
    "no-window-left": mark("Vòng thi này không còn khung giờ nào để vào thi."),
    "unit-not-taking-part": mark("Đơn vị của %(address)s không có trong danh sách tham gia cuộc thi này."),
    "attempts-used-up-for-now": mark("%(Address)s đã dùng hết %(allowed)s lượt lúc này. Lượt mới có từ %(again_at)s."),
    "attempts-used-up": mark("%(Address)s đã dùng hết %(allowed)s lượt của vòng này."),
    "paper-unavailable": mark("Chưa lập được đề cho vòng này. Ban Tổ chức đã được báo; mời %(address)s quay lại sau."),
    "attempt-closed": mark("Bài này đã nộp nên không sửa được nữa."),
    "attempt-not-yet": mark("Câu này chưa mở. Làm lần lượt từng câu, từng phần theo thứ tự của đề."),
    "attempt-left": mark(
        "Câu này đã qua nên không sửa được nữa. Hệ thống giữ lại câu trả lời này làm bằng chứng nhưng không tính điểm."
    ),
    "attempt-late": mark("Câu trả lời đến sau khi hết giờ. Hệ thống giữ lại làm bằng chứng nhưng không tính điểm."),
    "response-conflict": mark("Câu này vừa được sửa ở nơi khác. Trang hiện câu trả lời đã lưu."),
    "bad-position": mark("Đề thi không có câu này."),
    "bad-revision": mark("Số lần sửa phải là số nguyên từ 1 đến 100.000."),
    "bad-option": mark("Phương án này không có trong đề thi."),
    "bad-response": mark("Câu trả lời không đúng dạng."),
    "bad-prediction": mark("Dự đoán là một số nguyên từ 0 đến 1.000.000.000."),
    "attempt-open": mark("Bài này đang làm, chưa nộp."),
    "round-still-open": mark(
        "Vòng thi còn mở đến %(closes_at)s, còn bài đang làm, hoặc còn người xếp hàng từ trước giờ đóng đang chờ vào thi."
    ),
    "tryout-gone": mark(
        "Không có bài làm thử này. Vòng thi đã được sửa hoặc đã có lần làm thử mới thì hãy làm thử lại."
    ),
    "review-not-released": mark("Ban Tổ chức chưa mở đáp án của vòng này."),
    "bad-number": mark("Mời %(address)s ghi một số, ví dụ 12 hoặc 3,5."),
    "file-too-large": mark("Tệp lớn quá %(limit)s MB. Mời %(address)s thu nhỏ hoặc chia tệp rồi nộp lại."),
    "file-kind": mark("Tệp này không phải PDF, Word, Excel, PowerPoint hay ảnh."),
    "file-not-asked": mark("Câu này không nhận loại tệp này. Câu này nhận: %(kinds)s."),
    "file-foreign": mark("Tệp này là %(kind)s, chưa nhận được. Mời %(address)s lưu lại thành PDF hoặc JPEG rồi nộp."),
    "file-old-office": mark(
        "Tệp Office đời cũ hoặc có mật khẩu. Mời %(address)s lưu lại dạng .docx, .xlsx, .pptx không mật khẩu rồi nộp."
    ),
    "file-damaged": mark("Tệp bị cắt cụt hoặc đã hỏng. Mời %(address)s mở ra, lưu lại rồi nộp."),
    "file-pages": mark("Tệp PDF phải có từ 1 đến %(limit)s trang."),
    "file-embeds": mark(
        "Tệp có gắn kèm một chương trình hoặc đối tượng (%(name)s). Mời %(address)s bỏ ra rồi nộp lại."
    ),
    "files-enough": mark("Câu này nhận nhiều nhất %(limit)s tệp. Mời %(address)s bỏ bớt tệp trước khi nộp tệp mới."),
    "files-kept-enough": mark("Câu này đã nhận %(limit)s tệp, kể cả tệp đã bỏ, nên không nhận thêm."),
    "places-missing": mark("Mời %(address)s xếp đủ các mục, mỗi mục một vị trí."),
}
