"""Document and pictures from a recorded result: so the drawing does not rot between two measurements."""

import json
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.capacity import __main__ as capacity
from bench.compare import __main__ as compare
from bench.compare import measuring, report
from bench.compare.running import Outcome
from contest.config import ROOT
from tests.bench.recorded import RESULTS


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "recorded.json"
    path.write_text(json.dumps(RESULTS), encoding="utf-8")
    return path


def table(text: str, heading: str) -> list[list[str]]:
    section = text.split(f"### {heading}\n")[1].split("\n###")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]


def test_every_picture_is_drawn_and_shown(recorded: Path, tmp_path: Path) -> None:
    assert compare.main(["--from", str(recorded), "--docs", str(tmp_path)]) == 0
    text = (tmp_path / "performance.md").read_text(encoding="utf-8")
    drawn = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert drawn == sorted(report.PICTURES) == sorted(re.findall(r"\(pictures/([\w.-]+)\)", text))
    for name in drawn:
        root = ElementTree.parse(tmp_path / "pictures" / name).getroot()
        assert root.tag.endswith("svg")
        assert "prefers-color-scheme: dark" in (tmp_path / "pictures" / name).read_text(encoding="utf-8")
    assert json.loads((tmp_path / "performance.json").read_text(encoding="utf-8")) == RESULTS


def test_a_step_says_both_sides_and_their_ratio() -> None:
    rows = table(report.document(RESULTS), "The journey, step by step: CPU of one")
    assert rows[0][:4] == ["step", "floor", "product", "ratio"]
    assert ["save", "0.90 ms", "1.50 ms", "1.67", "0.30 ms / 0.50 ms", "30 ms / 30 ms", "2 / 2"] in rows


def test_what_a_side_lacks_is_a_dash() -> None:
    assert ["who had to queue", "–", "12", "–"] in table(
        report.document(RESULTS), "Many start: 20 a second, each with a password"
    )


def test_errors_and_lost_saves_are_told_and_fail_the_command() -> None:
    broken: Any = deepcopy(RESULTS)
    assert report.faults(broken) == 0
    broken["stores"]["sqlite"]["save"]["sides"]["product"] |= {"errors": 2, "lost": 1}
    assert report.faults(broken) == 3
    assert "product 2 errors, 1 acknowledged saves lost" in report.document(broken)


def test_faults_of_the_floor_are_told_and_are_not_the_products() -> None:
    broken: Any = deepcopy(RESULTS)
    broken["stores"]["sqlite"]["save"]["sides"]["floor"]["errors"] = 7
    assert report.faults(broken) == 0
    assert "Floor 7 errors" in report.document(broken)


def test_a_part_measured_alone_is_drawn_alone() -> None:
    part = {**RESULTS, "stores": {"sqlite": {"journey": RESULTS["stores"]["sqlite"]["journey"]}}}
    assert list(report.pictures(part)) == ["journey-ratios.svg"]
    text = report.document(part)
    assert re.findall(r"\(pictures/([\w.-]+)\)", text) == ["journey-ratios.svg"]
    assert "Not among these figures of SQLite: save, closed, storm, steady, queue, mass, standings, exchange." in text


def test_capacity_writes_document_and_picture(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(capacity, "OPENING", replace(capacity.OPENING, people=500, until=60.0))
    assert capacity.main(["--from", str(recorded), "--docs", str(tmp_path)]) == 0
    text = (tmp_path / "capacity.md").read_text(encoding="utf-8")
    assert "| journeys a second, in the busiest minute |" in text
    assert "An opening at which 500 come within a minute" in text
    ElementTree.parse(tmp_path / "pictures" / "opening-minute.svg")
    assert text in capsys.readouterr().out


def test_capacity_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--from", str(tmp_path / "none.json"), "--docs", str(tmp_path)]) == 1
    assert "measure with python -m bench.compare first" in capsys.readouterr().err


def test_documents_are_those_of_the_figures_kept() -> None:
    """Whoever changes a figure measures it: the document is what the kept figures give."""
    kept = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "performance.md").read_text(encoding="utf-8") == report.document(kept)
    for name, drawn in report.pictures(kept).items():
        assert (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8") == drawn


def test_a_long_run_is_made_in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    made: list[str] = []

    def task(name: str) -> measuring.Task:
        def measured(keep: measuring.Keep) -> None:
            made.append(name)
            if name == "save" and len(made) == 1:
                raise RuntimeError("broken")
            keep(name, Outcome({"product": {"run": float(len(made))}}))

        return measured

    monkeypatch.setattr(measuring, "_tasks", lambda _store, sections, _plan: [(name, task(name)) for name in sections])
    monkeypatch.setattr(report, "as_text", lambda _: "")
    parts = ("--store", "sqlite", "--json", str(figures), "--onto", str(figures))
    assert compare.main([*parts, "--only", "save"]) == 1
    assert compare.main([*parts, "--only", "mass"]) == 1  # the other is broken still
    assert compare.main([*parts, "--only", "save"]) == 0
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert {name: part["sides"]["product"]["run"] for name, part in found["stores"]["sqlite"].items()} == {
        "mass": 2.0,
        "save": 3.0,
    }
    assert found["broken"] == {}
    with pytest.raises(SystemExit, match="long form"):
        compare.main([*parts, "--short"])
