"""A very short comparison, for real: both sides served, every step taken, nothing lost; the long form is the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.compare import __main__ as compare
from bench.participants import JOURNEY
from tests.servers import ROOT

pytestmark = pytest.mark.slow


def test_a_short_journey_on_both_sides(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = ["-m", "bench.compare", "--short", "--store", "sqlite", "--only", "journey", "--json", str(figures)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text(encoding="utf-8"))["stores"]["sqlite"]["journey"]
    assert found["failures"] == {}
    for side in ("floor", "product"):
        assert (found["sides"][side]["errors"], found["sides"][side]["lost"]) == (0, 0)
        assert all(found["sides"][side][f"{step.name}.p50"] > 0 for step in JOURNEY)
        assert found["sides"][side]["journey.cpu"] > 0
    assert "| **a journey, with 20 saves** |" in done.stdout
    assert not (tmp_path / "performance.md").exists()


def test_an_unknown_section_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for unknown in ("tea", "storm.tea", "standings.7", "journey.save"):
        with pytest.raises(SystemExit):
            compare.main(["--only", f"journey,{unknown}"])
        assert f"no section {unknown}" in capsys.readouterr().err
