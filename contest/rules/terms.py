"""The vocabulary of the field: every enumeration with its label, a message id in Vietnamese marked for gettext."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from contest.rules.advancement_terms import AdvanceBy, AdvancedState
from contest.rules.entry_terms import ConsentPurpose, EntrantMark, EntrantReason, RegistrationField, RegistrationWay
from contest.rules.import_terms import Alikeness, Fate, JobStage, JobState, Staying
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.question_terms import Difficulty, Kind, PartKind, SourceChange, VersionState
from contest.rules.result_terms import AwardState, EdgeTie, Publication, Remedy, Special, Step, Verification
from contest.rules.unit_terms import ComparedUnits, UnitChangeKind, UnitCriterion, Unplaced


def mark(message: str) -> str:
    """Mark a text for extraction by gettext and return it unchanged; it is rendered at the edge by `i18n`."""
    return message


class ContestState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class Counted(StrEnum):
    """Which attempt of a person counts in a round."""

    BEST = "best"
    FIRST = "first"
    LAST = "last"
    AVERAGE = "average"


class LimitPer(StrEnum):
    """Within what the attempts of a person are limited: the whole round, each window, day, or week from Monday on."""

    ROUND = "round"
    WINDOW = "window"
    DAY = "day"
    WEEK = "week"


class PredictionTarget(StrEnum):
    """What the prediction is held against; people, never attempts."""

    ALL_CORRECT = "all_correct"
    PARTICIPANTS = "participants"


class Criterion(StrEnum):
    """What a ranking may be ordered by (regulations, section on ranking)."""

    CORRECT = "correct"
    POINTS = "points"
    PREDICTION = "prediction"
    DURATION = "duration"
    SUBMITTED_AT = "submitted_at"
    STARTED_AT = "started_at"
    REGISTERED_AT = "registered_at"
    ATTEMPTS_USED = "attempts_used"
    FULL_MARKS = "full_marks"
    LOT = "lot"


class Board(StrEnum):
    """What the leaderboard shows while a round is open."""

    HIDDEN = "hidden"
    LIVE = "live"
    FROZEN = "frozen"


class Reveal(StrEnum):
    """What a contestant sees after the submission, at once or after the close."""

    NOTHING = "nothing"
    SCORE = "score"
    REVIEW = "review"


class Phase(StrEnum):
    """Where an instant lies relative to a round's window."""

    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"


class Role(StrEnum):
    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    JUDGE = "judge"
    AUDITOR = "auditor"


class Address(StrEnum):
    """The form of address that the organisation sets for its members."""

    FRIEND = "ban"
    COMRADE = "dong_chi"


class Labels(Mapping[StrEnum, str]):
    """Labels by member: equal words of two enumerations (an open attempt, an open round) are two keys."""

    def __init__(self, labels: tuple[tuple[StrEnum, str], ...]) -> None:
        self._labels = {(type(member), member.value): (member, text) for member, text in labels}

    def __getitem__(self, member: StrEnum) -> str:
        return self._labels[type(member), member.value][1]

    def __iter__(self) -> Iterator[StrEnum]:
        return (member for member, _ in self._labels.values())

    def __len__(self) -> int:
        return len(self._labels)


LABELS = Labels(
    (
        (Kind.SINGLE_CHOICE, mark("Một đáp án")),
        (Kind.MULTIPLE_CHOICE, mark("Nhiều đáp án")),
        (Kind.TRUE_FALSE, mark("Đúng/Sai")),
        (Kind.STATEMENTS, mark("Đúng/Sai từng ý")),
        (Kind.MATCHING, mark("Ghép cặp")),
        (Kind.ORDERING, mark("Sắp xếp")),
        (Kind.NUMERIC, mark("Điền số")),
        (Kind.SHORT_TEXT, mark("Trả lời ngắn")),
        (Kind.CLOZE, mark("Điền chỗ trống")),
        (Kind.DROPDOWN, mark("Chọn từ cho chỗ trống")),
        (Kind.HOTSPOT, mark("Chọn vùng trên hình")),
        (Kind.ESSAY, mark("Tự luận")),
        (Kind.PASSAGE, mark("Đoạn dẫn")),
        (Kind.DESCRIPTION, mark("Lời dẫn")),
        (PartKind.STATEMENT, mark("Đúng hay sai")),
        (PartKind.STEM, mark("Ghép với một phương án")),
        (PartKind.CHOICE, mark("Chọn từ danh sách")),
        (PartKind.TEXT, mark("Điền chữ")),
        (PartKind.NUMBER, mark("Điền số")),
        (Difficulty.RECALL, mark("Nhận biết")),
        (Difficulty.UNDERSTANDING, mark("Thông hiểu")),
        (Difficulty.APPLICATION, mark("Vận dụng")),
        (Difficulty.HIGH_APPLICATION, mark("Vận dụng cao")),
        (SourceChange.AMENDED, mark("Đã được sửa đổi")),
        (SourceChange.REPEALED, mark("Đã bị bãi bỏ")),
        (SourceChange.IN_FORCE, mark("Vẫn còn hiệu lực")),
        (VersionState.DRAFT, mark("Bản nháp")),
        (VersionState.IN_REVIEW, mark("Chờ duyệt")),
        (VersionState.APPROVED, mark("Đã duyệt")),
        (VersionState.RETIRED, mark("Ngừng dùng")),
        (ContestState.DRAFT, mark("Bản nháp")),
        (ContestState.PUBLISHED, mark("Đã công bố")),
        (ContestState.ARCHIVED, mark("Đã lưu trữ")),
        (AttemptState.OPEN, mark("Đang làm")),
        (AttemptState.SUBMITTED, mark("Đã nộp")),
        (AttemptState.EXPIRED, mark("Hết giờ, tự nộp")),
        (Counted.BEST, mark("Lượt tốt nhất")),
        (Counted.FIRST, mark("Lượt đầu tiên")),
        (Counted.LAST, mark("Lượt cuối cùng")),
        (Counted.AVERAGE, mark("Trung bình các lượt")),
        (LimitPer.ROUND, mark("Cả vòng")),
        (LimitPer.WINDOW, mark("Mỗi khung giờ")),
        (LimitPer.DAY, mark("Mỗi ngày")),
        (LimitPer.WEEK, mark("Mỗi tuần")),
        (PredictionTarget.ALL_CORRECT, mark("Số người trả lời đúng tất cả các câu")),
        (PredictionTarget.PARTICIPANTS, mark("Số người dự thi")),
        (Criterion.CORRECT, mark("Số câu đúng")),
        (Criterion.POINTS, mark("Điểm")),
        (Criterion.PREDICTION, mark("Độ lệch dự đoán")),
        (Criterion.DURATION, mark("Thời gian làm bài")),
        (Criterion.SUBMITTED_AT, mark("Thời điểm nộp bài")),
        (Criterion.STARTED_AT, mark("Thời điểm bắt đầu")),
        (Criterion.REGISTERED_AT, mark("Thời điểm đăng ký")),
        (Criterion.ATTEMPTS_USED, mark("Số lượt đã dùng")),
        (Criterion.FULL_MARKS, mark("Số lượt đúng tất cả các câu")),
        (Criterion.LOT, mark("Bốc thăm")),
        (AdvanceBy.TOP, mark("Những người xếp cao nhất")),
        (AdvanceBy.TOP_PER_UNIT, mark("Những người xếp cao nhất của mỗi đơn vị")),
        (AdvanceBy.QUOTA, mark("Theo chỉ tiêu của từng đơn vị")),
        (AdvanceBy.LEAST_SCORE, mark("Mọi người đạt mức điểm")),
        (AdvancedState.IN, mark("Được vào")),
        (AdvancedState.RESERVE, mark("Dự bị")),
        (AdvancedState.WITHDRAWN, mark("Đã rút")),
        (OverallWay.SUM, mark("Cộng kết quả các vòng")),
        (OverallWay.BEST, mark("Lấy vòng tốt nhất của mỗi người")),
        (OverallWay.BEST_K, mark("Cộng một số vòng tốt nhất của mỗi người")),
        (OverallWay.CHOSEN, mark("Chỉ lấy một vòng")),
        (OverallCriterion.CORRECT, mark("Số câu đúng")),
        (OverallCriterion.POINTS, mark("Điểm")),
        (OverallCriterion.PREDICTION, mark("Độ lệch dự đoán")),
        (OverallCriterion.DURATION, mark("Thời gian làm bài")),
        (OverallCriterion.SUBMITTED_AT, mark("Thời điểm nộp bài")),
        (OverallCriterion.REGISTERED_AT, mark("Thời điểm đăng ký")),
        (OverallCriterion.ATTEMPTS_USED, mark("Số lượt đã dùng")),
        (OverallCriterion.FULL_MARKS, mark("Số lượt đúng tất cả các câu")),
        (OverallCriterion.ROUNDS_TAKEN, mark("Số vòng đã dự thi")),
        (Board.HIDDEN, mark("Không hiện")),
        (Board.LIVE, mark("Hiện trực tiếp")),
        (Board.FROZEN, mark("Hiện đến giờ khóa bảng")),
        (Reveal.NOTHING, mark("Chỉ mã biên nhận")),
        (Reveal.SCORE, mark("Điểm")),
        (Reveal.REVIEW, mark("Điểm và đáp án")),
        (Phase.BEFORE, mark("Sắp mở")),
        (Phase.OPEN, mark("Đang mở")),
        (Phase.CLOSED, mark("Đã đóng")),
        (Role.MEMBER, mark("Đoàn viên")),
        (Role.ADMINISTRATOR, mark("Quản trị")),
        (Role.ORGANISER, mark("Ban Tổ chức")),
        (Role.AUTHOR, mark("Người soạn câu hỏi")),
        (Role.REVIEWER, mark("Người duyệt câu hỏi")),
        (Role.JUDGE, mark("Giám khảo")),
        (Role.AUDITOR, mark("Kiểm tra, giám sát")),
        (Address.FRIEND, mark("bạn")),
        (Address.COMRADE, mark("đồng chí")),
        (JobState.WAITING, mark("Đang chờ")),
        (JobState.RUNNING, mark("Đang chạy")),
        (JobState.DONE, mark("Đã xong")),
        (JobState.FAILED, mark("Không xong")),
        (JobStage.READING, mark("Đang đọc tệp")),
        (JobStage.COMPARING, mark("Đang so với ngân hàng")),
        (JobStage.STORING, mark("Đang ghi vào ngân hàng")),
        (Fate.CONTRADICTING, mark("Trái đáp án")),
        (Fate.NEAR, mark("Gần giống")),
        (Fate.CHANGED, mark("Thay đổi")),
        (Fate.NEW, mark("Mới")),
        (Fate.UNCHANGED, mark("Không đổi")),
        (Staying.APPROVED, mark("Đã được duyệt")),
        (Staying.RETURNED, mark("Đã được trả lại để sửa")),
        (Staying.RETIRED, mark("Đã ngừng dùng")),
        (Staying.EDITED, mark("Đã được sửa sau lần nhập này")),
        (Staying.COMMENTED, mark("Đã có nhận xét")),
        (Staying.CONFIRMED, mark("Đã được xác nhận vẫn đúng")),
        (Staying.DRAWN, mark("Đã có trong đề thi")),
        (Alikeness.CONTRADICTING, mark("Trùng lời, khác đáp án")),
        (Alikeness.SAME, mark("Trùng lời, cùng đáp án")),
        (Alikeness.NEAR, mark("Gần giống nhau")),
        (UnitCriterion.PARTICIPANTS, mark("Số người tham gia")),
        (UnitCriterion.RATIO, mark("Tỷ lệ tham gia")),
        (UnitCriterion.PERCENT_AND_PRIZES, mark("Tỷ lệ tham gia cộng điểm giải")),
        (UnitCriterion.GATED_RATIO, mark("Tỷ lệ tham gia, khi đủ điều kiện")),
        (UnitCriterion.WINNERS, mark("Số người được giải")),
        (UnitCriterion.AT_LEAST, mark("Số người đạt mức điểm")),
        (UnitCriterion.MEAN, mark("Điểm trung bình")),
        (UnitCriterion.MEAN_OF_BEST, mark("Điểm trung bình của những người cao nhất")),
        (ComparedUnits.TAKING_PART, mark("Các đơn vị tham gia")),
        (ComparedUnits.BELOW, mark("Các đơn vị ngay dưới một đơn vị")),
        (ComparedUnits.LEVEL, mark("Mọi đơn vị của một cấp")),
        (UnitChangeKind.RENAMED, mark("Đổi tên")),
        (UnitChangeKind.MOVED, mark("Chuyển")),
        (UnitChangeKind.MERGED, mark("Sáp nhập")),
        (UnitChangeKind.RECEIVED, mark("Nhận sáp nhập")),
        (UnitChangeKind.SPLIT, mark("Tách")),
        (UnitChangeKind.FOUNDED, mark("Thành lập từ việc tách")),
        (Unplaced.NO_HEADCOUNT, mark("Chưa khai số đoàn viên")),
        (Unplaced.OVER_HEADCOUNT, mark("Số người tham gia vượt số đoàn viên")),
        (Unplaced.MANDATORY_MISSING, mark("Còn người bắt buộc chưa tham gia")),
        (Unplaced.NO_WINNER, mark("Chưa có người được giải")),
        (Unplaced.NOBODY, mark("Chưa có người tham gia")),
        (Unplaced.TOO_FEW, mark("Chưa đủ số người để tính")),
        (Step.COMPUTED, mark("Đã tính")),
        (Step.CHECKED, mark("Đã kiểm tra")),
        (Step.APPROVED, mark("Đã phê duyệt")),
        (Step.PUBLISHED, mark("Đã công bố")),
        (Step.WITHDRAWN, mark("Đã rút lại")),
        (Publication.PROVISIONAL, mark("Hiện ngay khi tính xong, ghi rõ là kết quả sơ bộ")),
        (Publication.APPROVED, mark("Chỉ hiện sau khi phê duyệt và công bố")),
        (EdgeTie.ALL, mark("Trao giải cho tất cả người bằng nhau")),
        (EdgeTie.LOT, mark("Bốc thăm giữa những người bằng nhau")),
        (Special.OLDEST, mark("Người dự thi cao tuổi nhất")),
        (Special.YOUNGEST, mark("Người dự thi trẻ tuổi nhất")),
        (Special.WIDEST, mark("Đơn vị lan tỏa: đông người dự thi nhất")),
        (AwardState.PROVISIONAL, mark("Dự kiến")),
        (AwardState.VERIFICATION, mark("Đang xác minh")),
        (AwardState.OFFICIAL, mark("Đã công nhận")),
        (AwardState.ANNOUNCED, mark("Đã công bố giải")),
        (Verification.VERIFIED, mark("Đã xác minh")),
        (Verification.REFUSED, mark("Không đạt")),
        (Remedy.FULL_CREDIT, mark("Tính đúng cho mọi người có câu này")),
        (Remedy.BOTH_KEYS, mark("Chấp nhận cả hai đáp án, cũ và mới")),
        (Remedy.NEW_KEY, mark("Chỉ tính theo đáp án mới")),
        (Remedy.DROPPED, mark("Bỏ câu này, không tính điểm")),
        (Remedy.AS_WRITTEN, mark("Trở lại đáp án ban đầu")),
        (EntrantMark.TAKES_PART, mark("Được dự thi, dù đơn vị không có trong danh sách")),
        (EntrantMark.STAYS_OUT, mark("Không dự thi")),
        (EntrantMark.NO_PRIZE, mark("Được dự thi, không xét giải")),
        (EntrantMark.MANDATORY, mark("Bắt buộc dự thi")),
        (EntrantReason.COMMITTEE, mark("Thành viên Ban Tổ chức, Ban Thư ký, tổ giúp việc")),
        (EntrantReason.QUESTIONS, mark("Người tham gia soạn hoặc duyệt câu hỏi")),
        (EntrantReason.RELATIVE, mark("Người thân của thành viên Ban Tổ chức")),
        (EntrantReason.OPERATOR, mark("Người vận hành phần mềm thi")),
        (EntrantReason.REGULATIONS, mark("Theo quy định của thể lệ")),
        (RegistrationWay.MEMBERS, mark("Đoàn viên đã có trong danh sách")),
        (RegistrationWay.OPEN, mark("Ai cũng đăng ký được, xác nhận qua email")),
        (RegistrationWay.CODE, mark("Người có mã dự thi hoặc mã QR")),
        (RegistrationField.FULL_NAME, mark("Họ và tên (có dấu)")),
        (RegistrationField.BIRTH_DATE, mark("Ngày sinh")),
        (RegistrationField.IDENTITY_NUMBER, mark("Số định danh cá nhân (CCCD)")),
        (RegistrationField.PHONE, mark("Điện thoại")),
        (RegistrationField.EMAIL, mark("Email")),
        (RegistrationField.ADDRESS, mark("Địa chỉ")),
        (RegistrationField.UNIT, mark("Đơn vị")),
        (ConsentPurpose.PARTICIPATION, mark("Dự thi")),
        (ConsentPurpose.PUBLICATION, mark("Công khai họ tên và kết quả")),
    )
)
