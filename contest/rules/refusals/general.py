"""Refusals of any form or call: slug → message id."""

from contest.rules.terms import mark

GENERAL: dict[str, str] = {
    "not-found": mark("Không tìm thấy trang này."),
    "forbidden": mark("%(Address)s không có quyền làm việc này."),
    "bad-request": mark("Yêu cầu không hợp lệ."),
    "csrf": mark("Trang này mở đã lâu nên không gửi được. Mời %(address)s tải lại trang rồi gửi lại."),
    "changed-meanwhile": mark("Có người vừa sửa mục này. Mời %(address)s xem lại bản mới rồi sửa tiếp."),
    "too-large": mark("Nội dung gửi lên quá lớn, tối đa %(limit)s."),
    "too-many": mark("%(Address)s đã thử quá nhiều lần. Mời thử lại sau %(minutes)s phút."),
    "required": mark("Mục này còn để trống."),
    "too-long": mark("Dài quá %(limit)s ký tự."),
    "bad-text": mark("Có ký tự không dùng được."),
    "not-a-number": mark("Cần một số nguyên."),
    "out-of-range": mark("Cần một số từ %(low)s đến %(high)s."),
    "not-a-date": mark("Ngày không có thật hoặc không đúng dạng ngày/tháng/năm, ví dụ 14/02/1987."),
    "not-a-time": mark("Thời điểm không đúng dạng."),
    "not-a-choice": mark("Lựa chọn này không có trong danh sách."),
    "sign-in-crowded": mark("Đang có nhiều người đăng nhập cùng lúc. Mời %(address)s thử lại sau %(seconds)s giây."),
    "count-crowded": mark("Đang có nhiều người cùng xem. Mời %(address)s xem lại sau %(seconds)s giây."),
    "unavailable": mark("Hệ thống đang bận. Mời %(address)s thử lại sau ít phút; những gì đã lưu vẫn còn."),
    "busy": mark(
        "Đang có rất nhiều người vào cùng lúc. Mời %(address)s chờ vài giây rồi thử lại; bài đang làm vẫn được lưu."
    ),
    "method-not-allowed": mark("Trang này không nhận thao tác đó."),
    "server-error": mark("Lỗi ở phía chúng tôi. Những gì đã lưu vẫn còn."),
    "demo-not-empty": mark("Cơ sở dữ liệu đã có tổ chức khác nên không nạp cuộc thi minh họa."),
    "development-only": mark("Lệnh này chỉ dùng khi phát triển, không dùng trên máy chủ thật."),
    "no-file": mark("Chưa chọn tệp."),
    "file-unreadable": mark("Không đọc được tệp %(name)s."),
    "file-unwritable": mark("Không ghi được tệp %(name)s."),
}
