"""Vietnamese full names for demonstration people: weighted by family, sex and generation. Pure data, no I/O."""

from random import Random


def _weighted(text: str) -> tuple[list[str], list[float]]:
    """Read "name:weight" items; "_" joins syllables and a missing weight is 1."""
    names: list[str] = []
    weights: list[float] = []
    for item in text.split():
        name, _, weight = item.partition(":")
        names.append(name.replace("_", " "))
        weights.append(float(weight or 1))
    return names, weights


FAMILY = _weighted("""
    Nguyễn:31 Trần:10.9 Lê:8.9 Phạm:5.9 Hoàng:3.1 Huỳnh:2 Phan:4.2 Vũ:2.6 Võ:2.1 Đặng:2.2 Bùi:2.2 Đỗ:2.0 Hồ:1.5 Ngô:1.6
    Dương:1.3 Đoàn:0.9 Đinh:0.9 Lý:0.7 Trương:1.3 Đào:0.9 Trịnh:0.9 Mai:0.8 Lương:0.8 Cao:0.7 Tạ:0.5 Hà:0.7 Lưu:0.5
    Phùng:0.5 Tô:0.4 Châu:0.3 Thái:0.4 Nông:0.4 Triệu:0.3 Quách:0.2 La:0.2 Chu:0.4 Đàm:0.3 Kiều:0.2 Tống:0.2 Vi:0.2
    Lâm:0.6 Tăng:0.2 Từ:0.2 Hứa:0.1 Thạch:0.1 Lò:0.3 Cầm:0.1 Quàng:0.1 Lường:0.1
""")
HMONG_FAMILY = _weighted("Giàng:4 Vàng:4 Sùng:3 Thào:3 Mùa:2 Lầu:1 Hờ:1")
HMONG_MALE = _weighted("Páo Sính Chứ Dế Vảng Phử Sếnh Lử Tủa Súa Chống Dơ")
HMONG_FEMALE = _weighted("Mỷ Dở Máy Xua Mai Dợ Sua Chư Pàng Say")
EDE_FAMILY = _weighted("Niê:5 Mlô:3 Êban:3 Kbuôr:1 Byă:1 Ayun:1")
EDE_MALE = _weighted("Y_Thắng Y_Bình Y_Hùng Y_Khoa Y_Nam Y_Phương Y_Đức Y_Tuấn")
EDE_FEMALE = _weighted("H'Hen H'Nga H'Lan H'Liên H'Mai H'Hương H'Thảo H'Yến")

# Generations: born before 1976, 1976 to 1989, from 1990.
MALE_MIDDLE = (
    _weighted("Văn:52 Hữu:6 Đức:6 Xuân:6 Quang:5 Đình:5 Ngọc:4 Minh:3 Công:4 Trọng:3 Thanh:3 Bá:2 Duy:1 Quốc:3 Viết:2"),
    _weighted(
        "Văn:30 Hữu:6 Đức:8 Xuân:5 Quang:7 Đình:5 Ngọc:6 Minh:6 Anh:3 Mạnh:4 Quốc:5 Thanh:4 Hồng:2 Trung:2 Duy:3"
    ),
    _weighted(
        "Văn:11 Hữu:4 Đức:10 Quang:8 Đình:4 Ngọc:6 Minh:14 Anh:5 Mạnh:5 Quốc:7 Hoàng:8 Tuấn:4 Gia:4 Duy:6 Nhật:4"
    ),
)
MALE_GIVEN = (
    _weighted("""Hùng:8 Dũng:7 Hải:5 Thắng:5 Minh:4 Bình:5 Sơn:5 Long:3 Thanh:4 Hòa:4 Tuấn:4 Cường:5 Tiến:4 Lợi:2 Lâm:3
        Chiến:3 Hà:2 Phúc:3 Quý:2 Thành:4 Toàn:2 Đông:2 Nam:3 Vinh:3 Khánh:2 Việt:2 Thái:2 An:2 Hiền:1 Sáu Tư Ba"""),
    _weighted("""Tuấn:7 Hùng:5 Dũng:5 Cường:5 Hải:4 Sơn:4 Thắng:4 Nam:4 Trung:4 Hưng:4 Tùng:3 Long:3 Kiên:3 Thành:4 Minh:3
        Tú:2 Quân:3 Phong:3 Hiếu:3 Đạt:2 Linh:1 Giang:2 Khoa:2 Hoàng:3 Toàn:2 Trường:2 Việt:2 Anh:2 Quyết:1 Tâm:2"""),
    _weighted("""Anh:6 Minh:5 Huy:6 Đức:4 Hiếu:5 Đạt:5 Nam:4 Long:4 Khánh:3 Phúc:3 Quân:4 Khôi:3 Khang:3 Bảo:3 Hoàng:4 Tùng:3
        Duy:4 Thịnh:2 Kiên:3 Sơn:3 Dương:3 Phong:3 Nhân:2 Trí:2 Khoa:3 Vinh:2 Việt:3 Thành:3 Hưng:3 Tuấn:3"""),
)
FEMALE_MIDDLE = (
    _weighted("Thị:82 Thanh:3 Ngọc:3 Kim:4 Thúy:2 Hồng:2 Bích:2 Mỹ:1 Minh:1"),
    _weighted("Thị:62 Thanh:5 Ngọc:6 Kim:3 Thúy:3 Hồng:3 Bích:3 Thu:5 Minh:2 Phương:2 Mai:2 Quỳnh:2"),
    _weighted(
        "Thị:27 Thanh:5 Ngọc:12 Thùy:6 Thúy:2 Hồng:3 Thu:6 Minh:7 Phương:6 Khánh:5 Quỳnh:4 Hải:3 Hà:3 Diệu:3 Bảo:4"
    ),
)
FEMALE_GIVEN = (
    _weighted("""Lan:8 Hương:6 Hoa:6 Hằng:4 Hà:4 Thanh:4 Thủy:5 Hồng:5 Loan:4 Nga:4 Mai:4 Hạnh:4 Liên:4 Dung:3 Tuyết:3
        Bình:2 Hiền:4 Minh:2 Yến:2 Cúc:2 Phượng:2 Xuân:2 Oanh:2 Vân:3 Tâm:2 Thu:3 Hòa:2 Nhung:1 Sâm Lụa"""),
    _weighted("""Hương:7 Hà:6 Thủy:5 Hằng:5 Lan:4 Hoa:3 Nga:3 Huyền:5 Nhung:4 Trang:5 Hiền:5 Dung:3 Yến:3 Vân:4 Hạnh:3 Thảo:4
        Phương:5 Linh:3 Thu:3 Mai:3 Hồng:3 Oanh:2 Loan:2 Liên:2 Giang:2 Nguyệt:2 Tuyết:1 Ngọc:3 Quyên:2 Ngân:2"""),
    _weighted("""Anh:9 Linh:9 Trang:7 Phương:5 Hà:3 Thảo:5 Ngọc:4 Huyền:4 Vy:4 Nhi:4 My:3 Hương:3 Giang:3 Ly:3 Ngân:4 Uyên:3
        Quỳnh:4 Mai:3 Chi:4 Châu:2 Hân:2 Như:2 Trâm:2 Thư:3 Nhung:2 Yến:2 Dung:2 Vân:2 Hằng:2 Hiền:2"""),
)
# Two-syllable given names make a name of four syllables; before them stands "Thị" or a second family name.
MALE_LINK = _weighted("Nguyễn:3 Trần:2 Lê:2 Phạm:1 Hoàng:2 Vũ:1 Đỗ:1 Đặng:1")
FEMALE_LINK = (_weighted("Thị"), _weighted("Thị:9 Ngọc:1"), _weighted("Thị:6 Ngọc:2 Nguyễn:1 Trần:1 Lê:1 Hoàng:1"))
MALE_PAIR = (
    _weighted("Hồng_Quang Thanh_Bình Thanh_Sơn Quốc_Hùng Xuân_Trường Minh_Đức"),
    _weighted("Anh_Tuấn Minh_Tuấn Quang_Huy Hồng_Sơn Thanh_Tùng Việt_Hùng Trung_Kiên"),
    _weighted("Minh_Khôi Gia_Bảo Nhật_Minh Hoàng_Nam Bảo_Long Đăng_Khoa Minh_Quân Anh_Khoa Quang_Minh Tuấn_Kiệt"),
)
FEMALE_PAIR = (
    _weighted("Thu_Hà Bích_Liên Kim_Oanh Thanh_Thủy Hồng_Vân Minh_Nguyệt Tuyết_Mai Ngọc_Lan Kim_Dung Thanh_Hương"),
    _weighted("Thu_Hà Thu_Hương Thanh_Huyền Bích_Ngọc Minh_Phương Thanh_Tâm Hồng_Nhung Kim_Ngân Thu_Trang Ngọc_Ánh"),
    _weighted("Bảo_Anh Minh_Anh Khánh_Linh Phương_Thảo Thùy_Dương Mai_Anh Quỳnh_Anh Bảo_Ngọc Thảo_Vy Hà_My Khánh_Vy"),
)


def _pick(rng: Random, pool: tuple[list[str], list[float]]) -> str:
    return rng.choices(pool[0], pool[1])[0]


def full_name(rng: Random, born: int, female: bool) -> str:
    """A natural full name, family name first, for a person of this year of birth and sex.

    Mostly three syllables, sometimes two or four. The same state of the generator gives the same name.
    """
    age = 0 if born < 1976 else 1 if born < 1990 else 2
    chance = rng.random()
    if chance < 0.006:
        tail = f"Thị {_pick(rng, HMONG_FEMALE)}" if female else f"A {_pick(rng, HMONG_MALE)}"
        return f"{_pick(rng, HMONG_FAMILY)} {tail}"
    if chance < 0.010:
        return f"{_pick(rng, EDE_FEMALE if female else EDE_MALE)} {_pick(rng, EDE_FAMILY)}"
    family = _pick(rng, FAMILY)
    shape = rng.random()
    if shape < (0.01 if female else 0.03):
        return _until_distinct(rng, [family], (FEMALE_GIVEN if female else MALE_GIVEN)[age])
    if shape > (0.82 if female else 0.96):
        head = _until_distinct(rng, [family], FEMALE_LINK[age] if female else MALE_LINK).split()
        return _until_distinct(rng, head, (FEMALE_PAIR if female else MALE_PAIR)[age])
    head = _until_distinct(rng, [family], (FEMALE_MIDDLE if female else MALE_MIDDLE)[age]).split()
    return _until_distinct(rng, head, (FEMALE_GIVEN if female else MALE_GIVEN)[age])


def _until_distinct(rng: Random, head: list[str], pool: tuple[list[str], list[float]]) -> str:
    """Add a middle or given name that repeats none of its other syllables."""
    while True:
        given = _pick(rng, pool)
        if not set(given.split()) & set(head):
            return " ".join([*head, given])
