"""Refusals about accounts, people and units: slug → message id."""

from contest.rules.terms import mark

ACCOUNTS: dict[str, str] = {
    "own-extra-time": mark("Không tự đặt thời gian cộng thêm cho mình; nhờ một cán bộ khác."),
    "sign-in-needed": mark("Mời %(address)s đăng nhập để tiếp tục."),
    "wrong-credentials": mark("Tên đăng nhập hoặc mật khẩu chưa đúng."),
    "password-short": mark("Mật khẩu cần ít nhất %(low)s ký tự."),
    "password-common": mark("Mật khẩu này quá dễ đoán. Mời %(address)s chọn mật khẩu khác."),
    "password-mismatch": mark("Hai lần nhập mật khẩu không giống nhau."),
    "wrong-password": mark("Mật khẩu hiện tại chưa đúng."),
    "token-invalid": mark("Mã này không đúng, đã dùng hoặc đã hết hạn."),
    "setup-done": mark("Hệ thống đã được thiết lập."),
    "setup-code": mark("Mã thiết lập chưa đúng. Mã in trên màn hình máy chủ."),
    "code-taken": mark("Mã này đã thuộc về người khác."),
    "unit-unknown": mark("Không có đơn vị mang mã %(code)s."),
    "unit-out-of-scope": mark("Đơn vị %(code)s không thuộc phạm vi quản lý của %(address)s."),
    "unit-cycle": mark("Đơn vị không thể là cấp trên của chính mình."),
    "last-administrator": mark("Hệ thống cần ít nhất một người quản trị."),
    "bad-image": mark("Tệp này không phải ảnh PNG hoặc JPEG đọc được, hoặc lớn hơn 4.000 điểm ảnh mỗi chiều."),
    "code-twice-in-file": mark("Mã đoàn viên %(value)s có ở nhiều dòng trong tệp."),
    "identity-twice-in-file": mark("Số định danh này có ở nhiều dòng trong tệp."),
    "identity-of-another": mark("Số định danh này đã thuộc về một người khác."),
    "contact-shared-in-file": mark(
        "Nhiều dòng cùng dùng %(value)s nên không nhận ra được từng người. Mời thêm mã đoàn viên."
    ),
    "contact-of-another": mark("%(value)s đã thuộc về một người khác. Mời thêm mã đoàn viên hoặc số định danh."),
    "contacts-of-two-people": mark("Điện thoại và email của dòng này thuộc về hai người khác nhau."),
    "no-identifier": mark("Cần mã đoàn viên, số định danh, điện thoại hoặc email."),
    "person-twice": mark("Dòng này và một dòng ở trên cùng chỉ một người."),
    "unit-twice-in-file": mark("Mã đơn vị %(code)s có ở nhiều dòng trong tệp."),
    "parent-unknown": mark("Không có đơn vị cấp trên mang mã %(code)s."),
    "file-changed": mark("Dữ liệu đã thay đổi từ lúc xem trước. Mời %(address)s xem trước lại."),
    "file-expired": mark("Tệp này đã hết hạn tải. Mời %(address)s xuất lại."),
    "member-unknown": mark("Không có đoàn viên mang mã này."),
}
