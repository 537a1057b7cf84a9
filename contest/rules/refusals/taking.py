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
    "attempt-late": mark("Câu trả lời đến sau khi hết giờ. Hệ thống giữ lại làm bằng chứng nhưng không tính điểm."),
    "response-conflict": mark("Câu này vừa được sửa ở nơi khác. Trang hiện câu trả lời đã lưu."),
    "bad-position": mark("Đề thi không có câu này."),
    "bad-revision": mark("Số lần sửa phải là số nguyên từ 1 đến 100.000."),
    "bad-option": mark("Phương án này không có trong đề thi."),
    "bad-response": mark("Câu trả lời không đúng dạng."),
    "bad-prediction": mark("Dự đoán là một số nguyên từ 0 đến 1.000.000.000."),
    "attempt-open": mark("Bài này đang làm, chưa nộp."),
    "round-still-open": mark("Vòng thi còn mở đến %(closes_at)s hoặc còn bài đang làm."),
    "review-not-released": mark("Ban Tổ chức chưa mở đáp án của vòng này."),
    "bad-number": mark("Mời %(address)s ghi một số, ví dụ 12 hoặc 3,5."),
    "places-missing": mark("Mời %(address)s xếp đủ các mục, mỗi mục một vị trí."),
}
