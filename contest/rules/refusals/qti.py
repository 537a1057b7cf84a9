"""Refusals about QTI: what an item says that no question here can, and what QTI cannot say; slug → message id."""

from contest.rules.terms import mark

QTI: dict[str, str] = {
    # files
    "qti-no-item": mark("Tệp này không phải câu hỏi QTI: thẻ ngoài cùng là %(tag)s."),
    "qti-no-manifest": mark(
        "Gói QTI không có imsmanifest.xml nên mọi câu tìm thấy trong gói đều được đọc, theo tên tệp."
    ),
    "qti-file-missing": mark("Tệp này được imsmanifest.xml kể tên nhưng trong gói không có."),
    "qti-passed-over": mark("Gói có đề thi hoặc phần thi của QTI; chỉ câu hỏi và đoạn dẫn được nhập: %(names)s."),
    # items
    "qti-interaction": mark("Chưa có loại câu nào ứng với tương tác %(name)s của QTI."),
    "qti-several": mark("Câu này hỏi nhiều việc cùng lúc (%(names)s), chưa có loại câu nào như vậy."),
    "qti-template": mark("Câu này thay đổi theo từng người làm (template của QTI) nên chưa nhận được."),
    "qti-nothing-asked": mark("Câu này khai báo câu trả lời nhưng không có chỗ nào để trả lời."),
    "qti-stimulus": mark(
        "Câu này dựa vào một bài đọc chung (assessmentStimulus) không có trong gói hoặc không nhập được, nên cũng không "
        "nhập."
    ),
    "qti-stimuli": mark("Câu này dựa vào nhiều bài đọc chung; ở đây một câu chỉ thuộc một đoạn dẫn."),
    "qti-shape": mark("Vùng trên hình phải là hình chữ nhật, câu này có vùng “%(shape)s”."),
    "qti-picture-size": mark("Không biết hình của câu này rộng, cao bao nhiêu nên không tính được các vùng."),
    "qti-picture-before": mark(
        "Câu này có hình khác đứng trước hình để chọn vùng; vùng chỉ nằm trên hình đầu tiên của câu."
    ),
    "qti-areas-unnamed": mark("Vùng không có tên được gọi là Vùng 1, Vùng 2…; nên đặt tên khi soạn lại câu."),
    "qti-hottext": mark("Các chữ chọn được trong lời câu này được gạch chân và ghi thành phương án."),
    "qti-undeclared": mark("Câu này không khai báo câu trả lời “%(name)s” hoặc không chấm câu trả lời đó."),
    "qti-cardinality": mark("Câu trả lời kiểu “%(cardinality)s” không dùng được cho câu này."),
    "qti-number": mark("Không phải là số: “%(written)s”."),
    "qti-pairs": mark("Các cặp đúng của câu này không khớp với những gì được đưa ra để ghép."),
    "qti-left": mark("Câu này có phần của QTI không nhập: %(names)s."),
    # scoring
    "qti-processing": mark(
        "Cách chấm của câu này không phải mẫu chuẩn của QTI nên không nhập, để không chấm sai. "
        "Mời %(address)s xem cách chấm dưới đây rồi soạn lại câu."
    ),
    "qti-no-processing": mark("Câu này có đáp án nhưng không nói cách chấm: được chấm đúng hoặc sai theo đáp án."),
    "qti-whole": mark(
        "QTI chấm câu này đúng hết mới có điểm; ở đây mỗi phần đúng được một phần điểm, "
        "trừ khi cơ cấu đề chọn đúng hết mới có điểm."
    ),
    "qti-shares": mark(
        "QTI cho điểm theo từng phương án đúng của câu này; ở đây đúng hết mới có điểm, "
        "trừ khi cơ cấu đề chọn tính điểm theo phần đúng."
    ),
    "qti-file-type": mark("Câu này nhận loại tệp không nhận được ở đây: %(type)s."),
    "qti-scored-essay": mark(
        "Tệp QTI chấm tự động câu này; ở đây bài viết và tệp nộp do người chấm nên không nhập cách chấm ấy."
    ),
    "qti-mapping": mark("Bảng điểm (mapping) của câu này cho điểm theo cách không chuyển thành phần điểm được."),
    "qti-bounds": mark("Mức điểm trần hoặc sàn của câu này không chuyển thành phần điểm được."),
    "qti-below-nought": mark("Câu này có thể bị điểm âm; ở đây một câu không được dưới 0 điểm nên không nhập."),
    "qti-uneven": mark("Các phần của câu này có điểm khác nhau, chưa chuyển thành phần điểm được."),
    "qti-mixed-case": mark("Câu này phân biệt chữ hoa ở đáp án này mà không phân biệt ở đáp án khác, chưa nhận được."),
    # what QTI could not carry
    "qti-left-out": mark("%(count)s câu chỉ có đáp án dùng dấu * nên không ghi ra %(format)s được."),
    "qti-no-picture": mark("%(count)s câu chọn vùng không có tệp hình nên không ghi ra %(format)s được."),
    "qti-picture-apart": mark(
        "Hình để chọn vùng ở %(count)s câu nằm giữa dòng chữ; trong %(format)s hình đứng riêng, sau đoạn ấy."
    ),
    "qti-patterns": mark("Đáp án dùng dấu * của %(count)s câu không ghi ra %(format)s được; các đáp án khác vẫn còn."),
    "qti-accents": mark("%(format)s không bỏ qua dấu tiếng Việt được: %(count)s câu sẽ bắt gõ đúng dấu."),
    "qti-flat-choices": mark(
        "Phương án trong danh sách chọn của %(count)s câu được ghi ra %(format)s thành chữ thường, liền một dòng."
    ),
}
