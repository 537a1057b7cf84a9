"""Refusals about Word question lists: slug → message id."""

from contest.rules.terms import mark

WORD: dict[str, str] = {
    # what a file is
    "old-document": mark(
        "Tệp ở dạng Word cũ (.doc) hoặc có mật khẩu. Mời %(address)s lưu lại dạng .docx không có mật khẩu."
    ),
    "not-a-document": mark("Tệp này không phải văn bản Word .docx hoặc đã hỏng. Mời %(address)s lưu lại từ Word."),
    # what was left out of a document
    "word-tracked-changes": mark("Văn bản có theo dõi thay đổi: phần thêm vào được nhận, phần đã xóa được bỏ."),
    "word-hidden-text": mark("Văn bản có chữ ẩn; chữ ẩn không được đọc."),
    "word-footnotes": mark("Văn bản có chú thích cuối trang hoặc cuối bài; chú thích không được đọc."),
    "word-foreign-part": mark("Chỗ này chèn nguyên một tệp khác nên chưa đọc được."),
    "word-text-box": mark("Chữ trong khung (text box) chưa đọc được. Mời %(address)s đưa chữ ra ngoài khung."),
    "word-passed-over": mark("Đoạn này không thuộc câu hỏi nào nên không đọc."),
    "word-table-passed-over": mark("Bảng này không thuộc câu hỏi nào nên không đọc."),
    # the list
    "word-number-jump": mark("Số câu nhảy từ %(before)s sang %(number)s. Mời %(address)s xem có thiếu câu nào không."),
    "word-number-again": mark("Số câu quay lại %(number)s sau câu %(before)s. Mời %(address)s xem lại số thứ tự."),
    "word-answer-of-none": mark("Bảng đáp án có câu %(number)s nhưng phía trên không có câu này."),
    "word-answer-unclear": mark("Có nhiều câu mang số %(number)s nên không biết đáp án này của câu nào."),
    "word-options-in-explanation": mark("Lời giải thích có dòng trông như phương án. Mời %(address)s xem lại."),
    # a question
    "word-picture": mark(
        "Chưa nhận biểu đồ, SmartArt và hình vẽ ghép. Mời %(address)s lưu thành một tệp ảnh rồi chèn lại."
    ),
    "word-picture-changed": mark(
        "Hình bị cắt, xoay hoặc lật trong Word nên tệp ảnh khác hình nhìn thấy. Mời %(address)s sửa tệp ảnh rồi chèn lại."
    ),
    "word-picture-outside": mark("Hình không nằm trong tệp Word mà ở nơi khác. Mời %(address)s chèn hình vào tệp."),
    "word-pictures-heavy": mark(
        "Hình của các câu trong tệp nặng quá %(limit)s MB. Mời %(address)s tách tệp hoặc giảm cỡ hình."
    ),
    "word-equation": mark(
        "Công thức này làm bằng công cụ cũ (Equation 3.0, MathType). Mời %(address)s gõ lại bằng công thức của Word (Alt + =)."
    ),
    "word-equation-unclear": mark("Công thức có chỗ không hiểu được: %(what)s."),
    "word-table": mark("Không rõ bảng này thuộc phần nào của câu: bảng chỉ nhận trong phần hỏi, trước các phương án."),
    "word-table-merged": mark("Bảng có ô gộp nên chưa nhận được. Mời %(address)s tách các ô."),
    "word-table-nested": mark("Bảng nằm trong bảng nên chưa nhận được."),
    "word-only-words": mark("Mã, mức độ, nhãn, căn cứ và đáp án chỉ nhận chữ, không nhận hình, công thức hay bảng."),
    "word-told-key": mark("Đoạn dẫn và lời dẫn chỉ để đọc nên không có đáp án."),
    "word-heading-of-words": mark("Tên chủ đề chỉ nhận chữ; hình hoặc công thức trong đề mục được bỏ qua."),
    "word-too-many": mark("Tệp có quá %(limit)s hình, công thức và bảng."),
    "word-symbol": mark("Câu có ký hiệu thuộc phông chữ riêng nên chưa nhận được. Mời %(address)s gõ lại ký hiệu này."),
    "word-stray": mark("Không rõ đoạn này thuộc phần nào của câu. Xuống dòng trong một phương án bằng Shift + Enter."),
    "word-letter-missing": mark("Câu %(number)s thiếu phương án %(letter)s."),
    "word-letter-again": mark("Câu %(number)s có phương án %(letter)s hai lần hoặc sai thứ tự."),
    "word-no-options": mark("Câu không có phương án nên chưa nhận được (câu tự luận, điền từ, ghép đôi …)."),
    "word-statements": mark("Chưa nhận loại câu này: nhiều phát biểu đúng/sai trong một câu."),
    "word-no-key": mark(
        "Không tìm thấy đáp án. Đáp án đúng được tô đậm, gạch chân, tô màu hoặc đánh dấu *; "
        "hoặc ghi “Đáp án: B” dưới câu, hoặc trong bảng đáp án ở cuối."
    ),
    "word-bad-key": mark("Không hiểu đáp án “%(key)s”. Đáp án là chữ cái của phương án, ví dụ B hoặc A, C."),
    "word-key-of-none": mark("Đáp án ghi %(letter)s nhưng câu không có phương án %(letter)s."),
    "word-key-other-text": mark("Lời ghi sau đáp án %(letter)s không giống lời của phương án %(letter)s."),
    "word-marks-differ": mark("Định dạng chữ mâu thuẫn: chỗ thì đánh dấu %(first)s, chỗ thì đánh dấu %(second)s."),
    "word-keys-differ": mark("Đáp án ghi mâu thuẫn: chỗ thì %(first)s, chỗ thì %(second)s."),
    "word-mark-not-key": mark("Phương án được đánh dấu là %(marked)s nhưng đáp án ghi %(key)s."),
    "word-code-twice": mark("Mã %(code)s đã có ở đoạn %(first)s."),
    # what Word does not carry
    "word-lost-sounds": mark("Word không chứa được âm thanh của %(count)s câu: chỉ còn lời mô tả."),
    "word-webp": mark("Hình WebP của %(count)s câu được ghi ra thành PNG, vì Word không mở được WebP ở mọi máy."),
    "word-formulas-as-words": mark(
        "Có công thức của %(count)s câu không viết được trong Word nên được ghi nguyên văn LaTeX."
    ),
    "word-no-deep-topic": mark("Word chỉ có chín cấp đề mục nên chủ đề của %(count)s câu bị cắt bớt."),
}
