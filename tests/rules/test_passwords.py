"""Passwords refused, on both sides of the length."""

import pytest

from contest.rules.passwords import check_password


@pytest.mark.parametrize(
    ("password", "slug"),
    [
        ("ab3$xyz", "password-short"),
        ("ab3$xyzw", None),
        ("x1" * 64 + "y", "too-long"),
        ("12345678", "password-common"),
        ("MatKhau123", "password-common"),
        ("aaaabbbb", "password-common"),
        ("M000123-vn", "password-common"),
        ("năm tháng không quên", None),
    ],
)
def test_weak_passwords_are_refused(password: str, slug: str | None) -> None:
    refusal = check_password(password, ["m000123-VN"])
    assert (refusal.slug if refusal else None) == slug
