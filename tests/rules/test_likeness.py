"""Near-duplicates of questions."""

from contest.rules.likeness import Likeness, fingerprint

TEXT = "Luật Công đoàn số 50/2024/QH15 có hiệu lực thi hành từ ngày nào?"


def test_fingerprint_forgets_marks_case_and_punctuation() -> None:
    assert fingerprint(TEXT) == fingerprint(TEXT.upper().replace("?", " …"))


def test_near_duplicate_is_found_and_a_different_question_is_not() -> None:
    known = Likeness({"C-1": TEXT, "C-2": "Đại hội XIII của Đảng họp trong những ngày nào?"})
    assert known.nearest(TEXT + " Chọn một.") == "C-1"
    assert known.nearest(TEXT, but="C-1") is None
    assert known.nearest("Công đoàn Việt Nam được thành lập ngày nào?") is None
