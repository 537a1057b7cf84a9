"""Memory of a process that serves: what is large is given back at once where the system hands it out in large pages."""

from pathlib import Path

import pytest

from contest.gateways import memory

ASKED = {"GLIBC_TUNABLES": f"glibc.malloc.tcache_count=7:{memory.ASKED}"}


@pytest.mark.parametrize(
    ("setting", "environ", "given"),
    [
        ("[always] madvise never", {}, True),
        ("always [madvise] never", ASKED, True),
        ("always [madvise] never", {}, False),
        ("always [madvise] never", {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"}, False),
        ("always madvise [never]", ASKED, False),
        ("", ASKED, False),
    ],
)
def test_large_pages_are_counted_on_where_the_system_gives_them(
    tmp_path: Path, setting: str, environ: dict[str, str], given: bool
) -> None:
    (tmp_path / "enabled").write_text(setting)
    assert memory.gives_large_pages(tmp_path / "enabled", environ) is given


def test_large_pages_are_not_counted_on_where_there_are_none(tmp_path: Path) -> None:
    assert not memory.gives_large_pages(tmp_path / "enabled", ASKED)
