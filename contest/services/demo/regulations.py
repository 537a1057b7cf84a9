"""The regulations and the consent text of the demonstration contest, as an organiser would write them."""

REGULATIONS = """\
## Điều 1. Mục đích

Cuộc thi giúp đoàn viên nắm những nội dung cốt lõi của các nghị quyết và gắn với việc làm cụ thể tại đơn vị mình.

## Điều 2. Đối tượng dự thi

Đoàn viên của 61 công đoàn trực thuộc. Mỗi người dùng một tài khoản; kết quả tính cho đơn vị của người đó.

## Điều 3. Nội dung và hình thức

- Thi trực tuyến trên máy tính hoặc điện thoại, gồm ba tuần; mỗi tuần mở lúc 07:00 ngày đầu và đóng lúc 21:00 ngày cuối.
- Mỗi đề có 20 câu hỏi rút ngẫu nhiên và 01 câu dự đoán, làm trong 20 phút.
- Câu hỏi về văn kiện Đại hội XIII của Đảng, lịch sử Đảng, Luật Công đoàn, Điều lệ và lịch sử Công đoàn Việt Nam, \
pháp luật về lao động và cán bộ, công chức, viên chức.

## Điều 4. Số lượt

Mỗi tuần được thi 2 lượt, lấy lượt tốt nhất. Đã bắt đầu là tính một lượt; hết giờ, hệ thống tự nộp những câu đã lưu.

## Điều 5. Câu dự đoán

Dự đoán số người trả lời đúng cả 20 câu trong tuần. Câu này không tính điểm, chỉ dùng khi số câu đúng bằng nhau.

## Điều 6. Xếp hạng

1. Số câu đúng, nhiều hơn xếp trên.
2. Độ lệch dự đoán, ít hơn xếp trên.
3. Thời gian làm bài, ngắn hơn xếp trên.

Bằng nhau cả ba tiêu chí thì đồng hạng.

## Điều 7. Công bố kết quả

Kết quả từng tuần tính sau khi tuần thi đóng và mọi bài đang làm đã kết thúc. Đáp án mở cùng lúc.
"""

CONSENT = {
    "collected": "Họ tên, ngày sinh, đơn vị; bài làm, điểm và thời gian làm bài.",
    "why": "Tổ chức cuộc thi, xếp hạng, xác minh và trao giải. Không dùng vào việc khác.",
    "seen_by": "Ban Tổ chức, giám khảo và cán bộ công đoàn quản lý đơn vị. "
    "Người dự thi khác thấy họ tên, đơn vị và kết quả trên bảng xếp hạng.",
    "kept_for": "12 tháng sau ngày trao giải, rồi xóa hoặc làm cho không còn nhận ra người.",
    "rights": "Được xem, sửa, rút lại sự đồng ý và yêu cầu xóa. Ban Tổ chức trả lời trong hai ngày làm việc.",
}
