"""Refusals about accounts, people and units: slug → message id."""

from contest.rules.terms import mark

ACCOUNTS: dict[str, str] = {
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
    "name-taken": mark("%(what)s này đã dùng để đăng nhập cho một người khác."),
    "unit-code-taken": mark("Mã đơn vị này đã có."),
    "unit-unknown": mark("Không có đơn vị mang mã %(code)s."),
    "unit-out-of-scope": mark("Đơn vị %(code)s không thuộc phạm vi quản lý của %(address)s."),
    "unit-cycle": mark("Đơn vị không thể là cấp trên của chính mình."),
    "last-administrator": mark("Hệ thống cần ít nhất một người quản trị."),
    "bad-image": mark("Tệp này không phải ảnh PNG hoặc JPEG đọc được, hoặc lớn hơn 4.000 điểm ảnh mỗi chiều."),
    "no-email": mark("Người này chưa có địa chỉ email."),
}
