"""Refusals about several rounds together, the overall standing and advancement: slug → message id."""

from contest.rules.terms import mark

OVERALL: dict[str, str] = {
    "overall-no-rounds": mark("Chọn ít nhất một vòng để tính chung cuộc."),
    "overall-chosen-missing": mark("Chọn vòng được lấy làm kết quả chung cuộc."),
    "overall-best-missing": mark("Ghi số vòng tốt nhất được cộng, từ 1 trở lên."),
    "overall-best-too-many": mark("Chỉ có %(count)s vòng được tính, nên không cộng được nhiều vòng hơn."),
    "overall-prediction-nowhere": mark("Không vòng nào được tính có câu dự đoán nên không xét độ lệch dự đoán được."),
    "overall-settled": mark("Đã có vòng ra kết quả nên không đổi được cách tính, tiêu chí và các vòng đã ra kết quả."),
    "overall-has-prizes": mark("Có danh sách giải theo xếp hạng chung cuộc nên không bỏ được."),
    "overall-none": mark("Cuộc thi chưa dùng xếp hạng chung cuộc."),
    "overall-incomplete": mark("Chưa đủ kết quả của các vòng được tính chung cuộc."),
    "advance-count": mark("Ghi số người được vào, từ %(low)s trở lên."),
    "advance-reserve": mark("Số người dự bị không thể dưới %(low)s hay quá nhiều."),
    "advance-quotas-missing": mark("Ghi chỉ tiêu của ít nhất một đơn vị."),
    "advance-quotas-line": mark("Dòng %(line)s: ghi mã đơn vị, dấu bằng và số người, mỗi đơn vị một lần."),
    "advance-from-later": mark("Chỉ lấy người từ những vòng trước vòng này."),
    "advance-source-unsettled": mark("Bảng xếp hạng làm căn cứ chưa có kết quả."),
    "advance-source-changed": mark("Bảng xếp hạng làm căn cứ đã đổi từ khi lập danh sách; hãy lập lại."),
    "advancement-confirmed": mark(
        "Danh sách được vào vòng đã xác nhận, hoặc vòng đã có người thi, nên không đổi được cách chọn."
    ),
    "advance-unconfirmed": mark("Danh sách chưa được xác nhận. Xác nhận rồi mới xuất được."),
    "second-person-advancement": mark("Người xác nhận phải khác người lập danh sách."),
    "advance-not-next": mark("Người này chưa đến lượt gọi từ dự bị, hoặc chưa có ai rút."),
    "advance-begun": mark("Người này đã bắt đầu thi vòng này, đã rút, hoặc còn ở danh sách dự bị."),
    "not-advanced": mark(
        "Vòng này chỉ dành cho người được vào vòng; %(address)s không có trong danh sách đã xác nhận."
    ),
    "person-not-listed": mark("Không có ai mang mã này trong danh sách của vòng."),
    "round-is-source": mark("Vòng sau lấy người từ vòng này; hãy đổi cách chọn người của vòng sau trước."),
    "round-counts-overall": mark("Vòng này được tính vào xếp hạng chung cuộc; hãy bỏ khỏi chung cuộc trước."),
}
