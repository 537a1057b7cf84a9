"""The styles in which our documents hold rich texts: what is set in them is read as it is set."""

from collections.abc import Mapping

from contest.formats.rich.tidying import DEPTH, LEVELS

QUESTION, OPTION, NOTE = "CauHoiDinhDang", "PhuongAnDinhDang", "GhiChuDinhDang"
GOING_ON, CELL, HEAD_CELL = "NoiTiep", "OBang", "OBangDau"
HEADING: Mapping[str, int] = {f"NoiTiepDeMuc{level}": level for level in range(1, LEVELS + 1)}
TABLES: Mapping[str, int] = {
    f"BangDinhDang{depth or ''}": depth for depth in range(DEPTH + 1)
}  # by the list they lie in
GOES_ON = frozenset({GOING_ON, *TABLES, *HEADING})  # belongs to the text before it
SET = frozenset({QUESTION, OPTION, NOTE, CELL, HEAD_CELL, *GOES_ON})
