"""Refusals about files that are read: slug → message id."""

from contest.rules.terms import mark

IMPORTS: dict[str, str] = {
    "bad-phone": mark("Số điện thoại không có thật hoặc thiếu chữ số, ví dụ đúng: 0912 345 678."),
    "bad-email": mark("Địa chỉ email không đúng dạng, ví dụ đúng: ten@donvi.vn."),
}
