"""Refusals about setting up a contest: slug → message id."""

from contest.rules.terms import mark

CONTESTS: dict[str, str] = {
    "window-ends-first": mark("Giờ đóng phải sau giờ mở."),
    "freeze-outside-window": mark("Giờ khóa bảng phải nằm trong thời gian mở vòng."),
    "board-tells-scores": mark("Nộp bài xong chỉ thấy mã biên nhận thì bảng xếp hạng không hiện khi vòng còn mở."),
    "bad-line": mark("Dòng %(line)s của đề thi: số câu là một số nguyên."),
    "blueprint-empty": mark("Đề thi chưa có câu nào."),
    "blueprint-too-long": mark("Một đề có nhiều nhất %(limit)s câu."),
    "blueprint-short": mark("Dòng %(line)s cần %(asked)s câu, ngân hàng còn thiếu %(missing)s câu đã duyệt."),
    "criteria-empty": mark("Cần ít nhất một tiêu chí xếp hạng."),
    "criteria-twice": mark("Mỗi tiêu chí chỉ dùng một lần."),
    "prediction-before-score": mark("Độ lệch dự đoán phải đứng sau số câu đúng hoặc điểm."),
    "prediction-not-asked": mark("Vòng này không có câu dự đoán nên không xếp hạng theo dự đoán được."),
    "lot-not-last": mark("Bốc thăm chỉ dùng làm tiêu chí cuối cùng."),
    "lot-alone": mark("Bốc thăm không thể là tiêu chí duy nhất."),
    "contest-unknown": mark("Không có cuộc thi ở địa chỉ này."),
    "slug-taken": mark("Địa chỉ này đã dùng cho một cuộc thi khác."),
    "bad-slug": mark("Địa chỉ chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
    "no-rounds": mark("Cuộc thi chưa có vòng nào."),
    "no-units": mark("Chưa chọn đơn vị tham gia."),
    "no-regulations": mark("Chưa có thể lệ."),
    "no-bank": mark("Chưa chọn ngân hàng câu hỏi."),
    "not-ready": mark("Còn %(count)s việc phải xong trước khi công bố."),
    "wrong-state": mark("Cuộc thi đang ở trạng thái khác nên không làm được việc này."),
    "round-has-attempts": mark("Vòng này đã có người thi nên không đổi được đề, số lượt và cách tính."),
    "round-started": mark("Vòng này đã mở nên không đổi được giờ mở."),
    "round-settled": mark("Kết quả vòng này đã tính nên không đổi được giờ và tiêu chí."),
    "closes-in-past": mark("Giờ đóng đã qua."),
}
