"""Which passwords are refused: too short, too long to hash, or among the first that anyone would try."""

from collections.abc import Iterable

from contest.rules.refusals import Refusal

SHORTEST, LONGEST = 8, 128
_COMMON = frozenset(
    """
    12345678 123456789 1234567890 12345678910 11111111 00000000 88888888 99999999 66668888 12341234 123123123
    11223344 87654321 987654321 147258369 123456789a a123456789 12345678a a12345678 abc12345 abcd1234 a1234567
    password password1 password123 matkhau1 matkhau12 matkhau123 matkhau@123 qwerty123 qwertyuiop 1q2w3e4r 1qaz2wsx
    asdfghjkl zxcvbnm1 iloveyou anhyeuem emyeuanh congdoan congdoan123 congdoan2025 congdoan2026 vietnam1 vietnam123
    hanoi123 abc@1234 abc@12345 abc@123456 admin123 admin@123 doanvien doanvien123 hoithi123
    """.split()
)


def check_password(password: str, known: Iterable[str] = ()) -> Refusal | None:
    """Refuse a weak password; `known` holds what others know of the person (code, phone, e-mail)."""
    if len(password) < SHORTEST:
        return Refusal("password-short", {"low": SHORTEST}, "password")
    if len(password) > LONGEST:
        return Refusal("too-long", {"limit": LONGEST}, "password")
    plain = password.casefold()
    if plain in _COMMON or len(set(plain)) < 4 or plain in {k.casefold() for k in known}:
        return Refusal("password-common", {}, "password")
    return None
