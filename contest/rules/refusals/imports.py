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
    "old-code": mark(
        "Tệp dùng bảng mã cũ %(code)s, không phải Unicode. Chuyển sang Unicode thì “%(before)s” thành “%(after)s”. "
        "Chưa có gì được chuyển cho đến khi %(address)s đồng ý."
    ),
    "old-code-converted": mark("Đã chuyển chữ từ bảng mã cũ %(code)s sang Unicode. Mời %(address)s đọc lại các câu."),
    "csv-broken": mark("Tệp CSV có dấu ngoặc kép không khép kín. Mời %(address)s kiểm tra dòng này."),
    "old-workbook": mark("Tệp ở dạng Excel cũ hoặc có mật khẩu. Mời %(address)s lưu lại dạng .xlsx không có mật khẩu."),
    "not-a-workbook": mark("Tệp này không phải bảng tính .xlsx hoặc đã hỏng. Mời %(address)s lưu lại từ Excel."),
    "zip-broken": mark("Tệp bị cắt cụt hoặc đã hỏng. Mời %(address)s mở bằng chương trình đã tạo ra tệp rồi lưu lại."),
    "zip-too-large": mark("Tệp bung ra quá lớn. Mời %(address)s chia thành nhiều tệp nhỏ hơn."),
    "zip-unsafe": mark("Tệp chứa phần có tên không an toàn. Mời %(address)s mở bằng Word hoặc Excel rồi lưu lại."),
    "zip-macros": mark("Tệp có macro. Mời %(address)s lưu lại dạng .docx, .xlsx hoặc .pptx, không có macro."),
    "xml-unsafe": mark(
        "Tệp có khai báo XML không an toàn. Mời %(address)s mở bằng chương trình đã tạo ra tệp rồi lưu hoặc xuất lại."
    ),
    "xml-broken": mark("Từ dòng này tệp không còn đúng cú pháp XML nên không đọc được. Mời %(address)s xuất lại tệp."),
    "xml-too-large": mark("Tệp XML có quá nhiều thẻ. Mời %(address)s chia thành nhiều tệp nhỏ hơn."),
    "file-empty": mark("Tệp trống, không có gì để đọc."),
    "no-known-format": mark(
        "Không nhận ra tệp này. Tệp câu hỏi nhận được: Excel (.xlsx), Word (.docx), CSV có dòng tiêu đề, GIFT, Aiken, "
        "Moodle XML và QTI (.xml, .zip)."
    ),
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
    "no-rows": mark("Dưới dòng tiêu đề không có dòng nào."),
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
    "bad-kind": mark("Loại câu hỏi là một trong: %(kinds)s."),
    "bad-difficulty": mark("Mức độ là một trong: Nhận biết, Thông hiểu, Vận dụng, Vận dụng cao."),
    "bad-key": mark("Đáp án là chữ cái của phương án, ví dụ B hoặc A, C; với câu Đúng/Sai là Đúng hoặc Sai."),
    "bad-truths": mark("Đáp án ghi Đ hoặc S cho từng ý, ví dụ Đ, S, Đ, S; câu này có %(count)s ý."),
    "bad-order": mark("Để trống đáp án nếu các phương án đã theo thứ tự đúng, hoặc ghi đủ các chữ cái, ví dụ B, A, C."),
    "moodle-file-types": mark("Câu này nhận loại tệp không nhận được ở đây: %(names)s."),
    "bad-files-key": mark("Câu nộp tệp ghi số tệp và loại tệp ở ô đáp án, ví dụ “2 tệp: PDF, Word, ảnh”."),
    "bad-words-key": mark("Với câu tự luận, ô đáp án để trống hoặc ghi số từ, ví dụ 150 – 300 từ, nhiều nhất 300 từ."),
    "bad-comparing": mark("Trong ngoặc sau Chữ chỉ ghi “%(case)s” hoặc “%(accents)s”."),
    "told-has-key": mark("Đoạn dẫn, lời dẫn không có đáp án; ô đáp án để trống."),
    "key-elsewhere": mark("Loại câu này ghi đáp án ở các cột phương án; ô đáp án để trống."),
    # questions of any format
    "no-questions": mark("Tệp không có câu hỏi nào."),
    "kind-other": mark("Chưa nhận loại câu này: %(kind)s."),
    "html-flattened": mark("Câu này có định dạng HTML (%(tags)s); chỉ giữ lại chữ."),
    "media-not-taken": mark("Câu này dùng hình, tệp hoặc công thức chưa nhận được (%(names)s) nên không nhập cả câu."),
    "files-left": mark("Tệp kèm theo mà câu này không dùng đến thì không nhập: %(names)s."),
    "media-without-words": mark("Hình hoặc âm thanh của câu này chưa có lời mô tả; nên viết thêm khi soạn lại câu."),
    "bad-rich": mark("Cột Định dạng để trống hoặc ghi “có”."),
    # what a written format could not carry
    "lost-passage": mark("%(format)s không ghi được %(count)s câu này thuộc đoạn dẫn nào."),
    "lost-question": mark("%(format)s không có loại câu của %(count)s câu này nên chúng không được ghi ra."),
    "lost-rich": mark("%(count)s câu có định dạng (in đậm, bảng, công thức…) được ghi ra %(format)s thành chữ thường."),
    "lost-media": mark("%(format)s không chứa được hình và âm thanh của %(count)s câu: chỉ còn lời mô tả."),
    "lost-difficulty": mark("%(format)s không chứa được mức độ của %(count)s câu."),
    "lost-source": mark("%(format)s không chứa được căn cứ của %(count)s câu."),
    "lost-effective-date": mark("%(format)s không chứa được ngày hiệu lực của %(count)s câu."),
    "lost-odd-tags": mark("%(format)s không chứa được nhãn kết thúc bằng dấu \\ của %(count)s câu."),
    "lost-telling-tags": mark(
        "%(format)s dùng nhãn “đoạn dẫn: …” để nói câu nào thuộc đoạn dẫn nào, nên nhãn viết như vậy của %(count)s câu "
        "không được ghi ra."
    ),
    "lost-kind": mark("%(count)s câu Đúng/Sai được ghi ra %(format)s thành câu một đáp án."),
    "lost-unit": mark("%(format)s không chứa được đơn vị của số ở %(count)s câu."),
    "lost-accents": mark("%(count)s câu không đòi gõ đúng dấu; từ %(format)s đọc lại thì phải gõ đúng dấu."),
    "lost-case": mark("%(count)s câu phân biệt chữ hoa, chữ thường; từ %(format)s đọc lại thì không phân biệt."),
    "lost-words": mark("%(format)s không chứa được số từ giới hạn của %(count)s câu tự luận."),
    "lost-order": mark("%(format)s không chứa được thứ tự các phương án của %(count)s câu ghép cặp."),
    "lost-code": mark("%(format)s không chứa được mã của %(count)s câu."),
    "lost-weights": mark("%(format)s không chứa được phần điểm của từng phương án ở %(count)s câu."),
    "lost-lines": mark("%(format)s không có xuống dòng: %(count)s câu được ghi liền một dòng."),
    "lost-feedback": mark("%(format)s không chứa được nhận xét của phương án ở %(count)s câu."),
    "lost-guidance": mark("%(format)s không chứa được hướng dẫn chấm của %(count)s câu."),
    "lost-explanation": mark("%(format)s không chứa được lời giải thích của %(count)s câu."),
    "lost-topic": mark("%(format)s không chứa được chủ đề của %(count)s câu."),
    "lost-tags": mark("%(format)s không chứa được nhãn của %(count)s câu."),
    "left-out-multiple": mark("%(format)s không có câu nhiều đáp án: %(count)s câu không được ghi ra tệp."),
    "left-out-options": mark("%(format)s chỉ có phương án A đến Z: %(count)s câu không được ghi ra tệp."),
    "left-out-misread": mark(
        "%(count)s câu có lời bắt đầu như một phương án hoặc như dòng ANSWER, hoặc quá ngắn, "
        "%(format)s sẽ đọc sai nên không được ghi ra tệp."
    ),
    "left-feedback-of-others": mark("Nhận xét dành cho mọi câu trả lời khác không nhập."),
    # GIFT
    "gift-description": mark("Đoạn này không có phần trả lời trong dấu { } nên được nhận là lời dẫn."),
    "gift-braces": mark(
        "Thiếu dấu { hoặc dấu }. Dấu ngoặc trong lời văn viết là \\{ và \\}; giữa một câu không để dòng trống."
    ),
    "gift-text-before-options": mark("Có chữ đứng trước phương án đầu tiên. Mỗi phương án bắt đầu bằng = hoặc ~."),
    "gift-pair": mark("Câu ghép cặp có cặp thiếu mũi tên giữa vế trái và vế phải."),
    "gift-title-no-code": mark("Tên câu đã dùng ở câu trước hoặc dài quá %(limit)s ký tự nên không lấy làm mã câu."),
    # Aiken
    "aiken-no-question": mark("Dòng này là phương án hoặc đáp án nhưng phía trên không có câu hỏi."),
    "aiken-unfinished": mark(
        "Câu này không có dòng ANSWER trước câu tiếp theo. Lời câu hỏi viết trên một dòng, "
        "phương án viết A) hoặc A., đáp án viết ANSWER: B."
    ),
    "aiken-few-options": mark("Câu kết thúc ở dòng này có ít hơn hai phương án."),
    "aiken-letters": mark(
        "Các phương án phải mang chữ A, B, C … theo thứ tự, nếu không thì không biết đáp án là phương án nào. "
        "Câu này có: %(letters)s."
    ),
    "aiken-answer": mark("Đáp án phải là một chữ in hoa từ A đến %(last)s."),
    # Moodle XML
    "moodle-no-quiz": mark("Tệp XML này không phải của Moodle: thẻ ngoài cùng phải là quiz."),
    "moodle-statement": mark("Câu đúng/sai phải có đúng hai câu trả lời là true và false."),
    "moodle-fraction": mark("Phần điểm “%(fraction)s” không phải là số phần trăm, ví dụ đúng: 33.33333."),
    "moodle-hidden": mark("Câu này đã bị ẩn trong Moodle nên không nhập."),
    "moodle-category-info": mark("Lời giới thiệu của danh mục này không nhập; chỉ lấy tên danh mục làm chủ đề."),
    "moodle-code-elsewhere": mark(
        "Mã %(code)s đã có ở dòng %(first)s trong danh mục khác nên câu này được nhập mà không lấy mã đó."
    ),
    "moodle-odd-weights": mark("Moodle chỉ nhận một số phần điểm định sẵn; %(count)s câu có phần điểm khác."),
    "moodle-number": mark("%(name)s phải là một số, tệp ghi “%(written)s”."),
    "moodle-columns": mark("Mỗi ý của câu đúng/sai từng ý phải đúng ở một trong hai cột."),
    "moodle-gap": mark("Chỗ trống bắt đầu bằng “%(gap)s” không có dấu } đóng lại."),
    "moodle-gap-kind": mark("Chưa nhận chỗ trống loại này: %(kind)s."),
    "moodle-needs-mtf": mark(
        "Moodle cần phần mở rộng MTF (Multiple True False) để nhận %(count)s câu đúng/sai từng ý."
    ),
    "moodle-plain-pairs": mark(
        "Moodle chỉ có chữ thường ở vế phải của câu ghép cặp: %(count)s câu mất định dạng ở đó."
    ),
    "moodle-gaps-in-order": mark(
        "%(count)s câu có chỗ trống không theo thứ tự số; trong Moodle chúng được đánh số lại."
    ),
    "moodle-all-choices": mark(
        "%(count)s câu chỉ có chỗ trống chọn từ; từ Moodle đọc lại là câu chọn từ cho chỗ trống."
    ),
    "left-gap-weights": mark("Các chỗ trống của câu này có trọng số khác nhau trong Moodle; ở đây chúng bằng nhau."),
    "left-units": mark("Các đơn vị khác và cách chấm đơn vị trong Moodle không nhập (%(count)s câu)."),
    "left-essay": mark(
        "Phần nộp tệp kèm bài viết và mẫu bài viết của câu tự luận trong Moodle không nhập (%(count)s câu)."
    ),
    "left-file-types": mark(
        "Trong Moodle, %(count)s câu nhận số tệp tùy ý, hoặc cả một nhóm loại tệp; ở đây số tệp có hạn, và chỉ nhận PDF, "
        "Word, PowerPoint, Excel và ảnh. Mời %(address)s xem lại từng câu."
    ),
    "left-part-of-order": mark("Moodle chỉ hỏi một số bước ở %(count)s câu sắp xếp; ở đây hỏi mọi bước."),
    "left-grade": mark("Điểm riêng của câu trong Moodle không nhập (%(count)s câu): điểm do cơ cấu đề quy định."),
    "left-penalty": mark("Mức trừ điểm khi làm lại trong Moodle không nhập (%(count)s câu)."),
    "left-order": mark("%(count)s câu giữ cố định thứ tự phương án trong Moodle; thiết lập này không nhập."),
    "left-hints": mark("Gợi ý khi làm lại trong Moodle không nhập (%(count)s câu)."),
    "left-combined-feedback": mark("Nhận xét chung khi đúng, đúng một phần hoặc sai không nhập (%(count)s câu)."),
}
