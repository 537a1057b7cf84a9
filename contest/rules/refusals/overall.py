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
    "round-counts-overall": mark("Vòng này được tính vào xếp hạng chung cuộc; hãy bỏ khỏi chung cuộc trước."),
}
