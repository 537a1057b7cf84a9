"""The columns of the tables of units and of members."""

from contest.formats.tables.layout import Column, Layout

UNITS = Layout(
    (
        Column("code", "Mã đơn vị", ("Mã", "Unit code", "Code"), True, 16),
        Column("name", "Tên đơn vị", ("Đơn vị", "Unit name", "Name"), True, 50),
        Column("short_name", "Tên gọn", ("Tên viết tắt", "Tên ngắn", "Short name"), width=24),
        Column("level", "Cấp", ("Cấp công đoàn", "Level"), width=24),
        Column("parent", "Mã đơn vị cấp trên", ("Mã cấp trên", "Mã đơn vị quản lý", "Parent code", "Parent"), width=18),
        Column("headcount", "Số đoàn viên", ("Tổng số đoàn viên", "Headcount", "Members"), width=14),
    )
)
MEMBERS = Layout(
    (
        Column("code", "Mã đoàn viên", ("Số thẻ đoàn viên", "Mã số", "Member code", "Code"), width=16),
        Column("full_name", "Họ và tên", ("Họ tên", "Họ và tên đoàn viên", "Full name", "Name"), True, 30),
        Column(
            "birth_date", "Ngày sinh", ("Ngày tháng năm sinh", "Sinh ngày", "Birth date", "Date of birth"), width=14
        ),
        Column("phone", "Điện thoại", ("Số điện thoại", "SĐT", "Di động", "Phone", "Mobile"), width=16),
        Column("email", "Email", ("E-mail", "Thư điện tử", "Email address"), width=30),
        Column("identity_number", "Số định danh", ("CCCD", "Số CCCD", "Căn cước", "Identity number"), width=18),
        Column("unit", "Mã đơn vị", ("Unit code", "Mã CĐCS"), True, 16),
    )
)
