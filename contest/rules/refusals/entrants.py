"""Refusals about who takes part, registration and consent: slug → message id."""

from contest.rules.terms import mark

ENTRANTS: dict[str, str] = {
    "person-not-taking-part": mark("Theo thể lệ, %(address)s không dự cuộc thi này. Lý do: %(reason)s."),
    "registration-needed": mark("Cuộc thi này cần đăng ký trước. Mời %(address)s đăng ký rồi vào thi."),
    "no-prize": mark("%(Address)s được khuyến khích tham gia nhưng không xét giải. Lý do: %(reason)s."),
    "reason-missing": mark("Chọn lý do; người đó sẽ đọc được."),
    "member-out-of-reach": mark("Không có người mang mã %(code)s trong phạm vi của %(address)s."),
    "member-twice-in-list": mark("Mã %(code)s đã có ở dòng %(first)s."),
    "name-differs": mark("Tên trong danh sách khác tên trong hệ thống: %(name)s. Mời %(address)s xem lại mã."),
    "list-empty": mark("Danh sách chưa có mã đoàn viên nào."),
    "list-or-file": mark("Dán danh sách mã hoặc chọn một tệp, không cả hai."),
    "unit-both-ways": mark("Đơn vị %(code)s vừa được chọn vừa bị loại ra."),
    "exclusion-outside": mark("Đơn vị %(code)s không nằm dưới đơn vị nào được chọn nên không cần loại ra."),
    "bad-identity-number": mark("Số định danh cá nhân gồm đúng 12 chữ số, kể cả số 0 ở đầu."),
    "identity-number-unreal": mark(
        "Số này không đúng cấu trúc của số định danh cá nhân. Mời %(address)s xem lại trên thẻ."
    ),
    "identity-birth-differs": mark("Số định danh cá nhân không khớp với năm sinh đã ghi."),
    "name-one-word": mark("Ghi đủ họ và tên, có dấu, như trên giấy tờ."),
    "already-known": mark(
        "Thông tin này đã thuộc về một người có trong hệ thống. Nếu là %(address)s, mời đăng nhập; "
        "nếu không phải, mời hỏi Ban Tổ chức."
    ),
    "already-registered": mark("Số định danh này đã được dùng để đăng ký cuộc thi."),
    "entry-code-invalid": mark("Mã dự thi này không đúng hoặc không dùng được lúc này."),
    "registration-closed": mark("Cuộc thi này không nhận đăng ký lúc này."),
    "consent-needed": mark("Cần %(address)s đồng ý thì mới đăng ký dự thi được."),
    "consent-text-missing": mark("Chưa có nội dung xin đồng ý xử lý dữ liệu cá nhân."),
    "no-mail": mark("Máy chủ chưa gửi được email nên chưa mở đăng ký cho người ngoài danh sách được."),
    "no-entry-code": mark("Chưa có mã dự thi nào đang dùng được."),
    "valid-ends-first": mark("Giờ hết hạn phải sau giờ bắt đầu và sau lúc này."),
}
