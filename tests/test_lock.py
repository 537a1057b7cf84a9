"""The locks are what the project file resolves to, and every package in them is named with its hashes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contest.config import ROOT

LOCKS = {"requirements.txt": ["--no-dev"], "requirements-dev.txt": []}


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip() and not entry.startswith("#")]
    assert len(entries) > 30
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("name", LOCKS)
def test_requirements_are_the_export_of_the_lock(name: str, tmp_path: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    out = tmp_path / name
    options = ["--frozen", "--no-emit-project", "--no-header", "--format", "requirements-txt", "-q", "-o", str(out)]
    subprocess.run([uv, "export", *LOCKS[name], *options], cwd=ROOT, check=True, capture_output=True)
    committed = "\n".join(line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#"))
    assert committed.strip() == out.read_text().strip()


def test_a_changed_package_is_not_installed(tmp_path: Path) -> None:
    wheel = tmp_path / "six-1.16.0-py2.py3-none-any.whl"
    wheel.write_bytes(b"PK not what was locked")
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("six==1.16.0 --hash=sha256:" + "0" * 64)
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", str(tmp_path), "--require-hashes",
               "--target", str(tmp_path / "out"), "-r", str(wanted)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "HASHES" in done.stderr
