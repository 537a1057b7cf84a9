"""Refusals about units, their changes and how they are compared: slug → message id."""

from contest.rules.terms import mark

UNITS: dict[str, str] = {
    "unit-on-top": mark("Đơn vị đứng đầu tổ chức không chuyển, không sáp nhập và không tách được."),
    "unit-closed": mark("Đơn vị này đã sáp nhập nên không thay đổi được nữa."),
    "target-closed": mark("Đơn vị %(code)s đã sáp nhập vào đơn vị khác. Mời %(address)s chọn đơn vị đang hoạt động."),
    "move-under-itself": mark("Không chuyển được một đơn vị vào chính nó hoặc vào đơn vị nằm bên dưới nó."),
    "move-to-same": mark("Đơn vị đang trực thuộc đúng nơi này."),
    "merge-into-itself": mark("Không sáp nhập được một đơn vị vào chính nó."),
    "merge-into-own-child": mark(
        "Không sáp nhập được vào đơn vị nằm bên dưới. Mời %(address)s chuyển đơn vị đó lên trước, hoặc sáp nhập chiều ngược lại."
    ),
    "people-not-below": mark("Nơi nhận đoàn viên phải là đơn vị nhận sáp nhập hoặc một đơn vị bên dưới."),
    "split-empty": mark("Chọn ít nhất một đoàn viên hoặc một đơn vị bên dưới để tách ra."),
    "split-not-below": mark("Chỉ tách được những đơn vị ngay bên dưới."),
    "split-not-own": mark("Đoàn viên %(code)s không thuộc đơn vị này."),
    "unit-code-taken": mark("Mã %(code)s đã dùng cho một đơn vị khác."),
    "effective-in-future": mark("Thay đổi có hiệu lực từ lúc này hoặc trước đó; chưa hẹn trước được."),
    "effective-too-early": mark("Ngày hiệu lực không được trước %(since)s, vì kết quả hoặc thay đổi trước đó đã chốt."),
    "headcount-not-frozen": mark(
        "Vòng đầu tiên chưa mở nên số đoàn viên chưa chốt: đơn vị khai hoặc sửa ở trang Đơn vị."
    ),
    "unit-not-compared": mark("Đơn vị %(code)s không được so sánh trong cuộc thi này."),
    "division-line": mark("Dòng %(line)s không đọc được: mỗi dòng là mã đơn vị, dấu chấm phẩy, rồi tên bảng."),
    "level-unknown": mark("Không có đơn vị nào ở cấp này trong số tham gia."),
    "prize-points-line": mark("Dòng %(line)s: ghi tên giải và số điểm từ 0 đến 1000."),
    "no-headcount-anywhere": mark(
        "Chưa đơn vị nào được so sánh có số đoàn viên nên chưa xếp theo tỷ lệ được. "
        "Các đơn vị cần khai trước khi vòng đầu tiên mở."
    ),
}
