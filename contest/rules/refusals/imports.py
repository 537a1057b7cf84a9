"""Refusals about files that are read: slug → message id."""

from contest.rules.terms import mark

IMPORTS: dict[str, str] = {
    # what a file is
    "import-failed": mark(
        "Không đọc được tệp này: tệp hỏng, quá lớn hoặc quá phức tạp. Chưa có gì thay đổi. "
        "Mời %(address)s lưu lại tệp hoặc chia thành nhiều tệp nhỏ rồi tải lên lại."
    ),
    "not-utf8": mark(
        "Tệp không phải văn bản UTF-8: sai từ byte thứ %(position)s. "
        "Mời %(address)s lưu lại với bảng mã UTF-8 (trong Excel: CSV UTF-8) rồi tải lên lại."
    ),
    "csv-broken": mark("Tệp CSV có dấu ngoặc kép không khép kín. Mời %(address)s kiểm tra dòng này."),
    "old-workbook": mark("Tệp ở dạng Excel cũ hoặc có mật khẩu. Mời %(address)s lưu lại dạng .xlsx không có mật khẩu."),
    "not-a-workbook": mark("Tệp này không phải bảng tính .xlsx hoặc đã hỏng. Mời %(address)s lưu lại từ Excel."),
    "zip-broken": mark("Tệp bị cắt cụt hoặc đã hỏng. Mời %(address)s mở bằng chương trình đã tạo ra tệp rồi lưu lại."),
    "zip-too-large": mark("Tệp bung ra quá lớn. Mời %(address)s chia thành nhiều tệp nhỏ hơn."),
    "zip-unsafe": mark("Tệp chứa phần có tên không an toàn. Mời %(address)s mở bằng Word hoặc Excel rồi lưu lại."),
    "zip-macros": mark("Tệp có macro. Mời %(address)s lưu lại dạng .docx hoặc .xlsx, không có macro."),
    "xml-unsafe": mark("Tệp có khai báo XML không an toàn. Mời %(address)s mở bằng Word hoặc Excel rồi lưu lại."),
    "file-has-password": mark("Tệp có mật khẩu. Mời %(address)s bỏ mật khẩu rồi tải lên lại."),
    # regulations as a file of settings
    "settings-broken": mark("Dòng %(line)s của tệp thể lệ không đúng cú pháp TOML."),
    "settings-missing": mark("Tệp thể lệ thiếu %(key)s."),
    "settings-unknown": mark("Tệp thể lệ có %(key)s, không có thiết lập nào tên như vậy."),
    "settings-wrong": mark("Trong tệp thể lệ, %(key)s phải như sau: %(wanted)s."),
    "settings-too-long": mark("Trong tệp thể lệ, %(key)s dài hơn %(limit)s ký tự."),
    "settings-bad-text": mark("Trong tệp thể lệ, %(key)s có ký tự không dùng được hoặc để trống."),
    "settings-too-large": mark("Tệp thể lệ lớn hơn %(limit)s KB."),
    "settings-topic": mark("Ngân hàng câu hỏi được chọn không có chủ đề “%(topic)s”."),
    "settings-refused": mark("%(why)s Chỗ cần sửa trong tệp thể lệ: %(key)s."),
    "bank-unknown": mark("Không có ngân hàng câu hỏi mang mã %(code)s."),
    # tables
    "no-table": mark("Không tìm thấy dòng tiêu đề có các cột: %(columns)s. Mời %(address)s dùng tệp mẫu."),
    "sheet-passed-over": mark("Trang tính này không có dòng tiêu đề nhận ra được nên không đọc."),
    "column-missing": mark("Thiếu cột “%(column)s”."),
    "column-unknown": mark("Không nhận ra cột này nên không đọc."),
    "column-twice": mark("Cột “%(column)s” có hai lần."),
    "minutes-or-percent": mark("Ghi số phút hoặc phần trăm, và chỉ một trong hai."),
    "too-many-rows": mark("Bảng có nhiều hơn %(limit)s dòng. Mời %(address)s chia thành nhiều tệp."),
    "example-row": mark("Đây là dòng ví dụ của tệp mẫu nên không nhập."),
    "code-twice": mark("Mã %(code)s đã có ở dòng %(first)s."),
    "born-later": mark("Ngày sinh ở sau hôm nay. Mời %(address)s xem lại năm sinh."),
    "bad-phone": mark("Số điện thoại không có thật hoặc thiếu chữ số, ví dụ đúng: 0912 345 678."),
    "bad-email": mark("Địa chỉ email không đúng dạng, ví dụ đúng: ten@donvi.vn."),
    # questions in tables
    "bad-kind": mark("Loại câu hỏi là một trong: Một đáp án, Nhiều đáp án, Đúng/Sai."),
    "bad-difficulty": mark("Mức độ là một trong: Nhận biết, Thông hiểu, Vận dụng, Vận dụng cao."),
    "bad-key": mark("Đáp án là chữ cái của phương án, ví dụ B hoặc A, C; với câu Đúng/Sai là Đúng hoặc Sai."),
    # GIFT
    "no-questions": mark("Tệp không có câu hỏi nào."),
    "gift-description": mark("Đoạn này không có phần trả lời trong dấu { } nên chưa nhận được."),
    "gift-essay": mark("Chưa nhận loại câu này: câu tự luận."),
    "gift-numeric": mark("Chưa nhận loại câu này: câu điền số."),
    "gift-matching": mark("Chưa nhận loại câu này: câu ghép đôi."),
    "gift-short-text": mark("Chưa nhận loại câu này: câu trả lời ngắn."),
    "gift-braces": mark(
        "Thiếu dấu { hoặc dấu }. Dấu ngoặc trong lời văn viết là \\{ và \\}; giữa một câu không để dòng trống."
    ),
    "gift-text-before-options": mark("Có chữ đứng trước phương án đầu tiên. Mỗi phương án bắt đầu bằng = hoặc ~."),
    "gift-title-no-code": mark("Tên câu đã dùng ở câu trước hoặc dài quá %(limit)s ký tự nên không lấy làm mã câu."),
    "gift-html-flattened": mark("Câu này có định dạng HTML; chỉ giữ lại chữ."),
    "gift-no-difficulty": mark("GIFT không chứa được mức độ của %(count)s câu."),
    "gift-no-source": mark("GIFT không chứa được căn cứ của %(count)s câu."),
    "gift-no-effective-date": mark("GIFT không chứa được ngày hiệu lực của %(count)s câu."),
    "gift-no-tag": mark("GIFT không chứa được nhãn kết thúc bằng dấu \\ của %(count)s câu."),
    "gift-kind-changed": mark("GIFT chỉ có Đúng và Sai, nên %(count)s câu có lời riêng được ghi thành câu một đáp án."),
}
