"""docs/regulations.md and contest/rules hold each other: each sentence has a test, and each law a sentence with one.

A law is a public function of contest/rules, or a member of a vocabulary that regulations choose from. It is held when a
test named in the document reaches it: by its name in the test, or in a fixture, helper or constant that the test uses; or
by a rule that the test reaches and that rests on it. What a module says that is no law stands below with the reason.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib import import_module

import pytest

from contest.config import ROOT
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.entry_terms import EntrantMark, RegistrationWay
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.question_terms import Kind
from contest.rules.result_terms import EdgeTie, Remedy, Special, Step
from contest.rules.terms import Board, Counted, Criterion, LimitPer, PredictionTarget
from contest.rules.unit_terms import ComparedUnits, UnitCriterion, Unplaced

DOCUMENT = ROOT / "docs" / "regulations.md"
NOT_DONE = "Điều phần mềm chưa làm"
NO_LAWS = {
    "contest.rules.refusals": "texts of what is refused",
    "contest.rules.text": "letters: one form for what looks alike",
    "contest.rules.permissions": "who may do what in the software; the table of roles holds it",
    "contest.rules.likeness": "warns of questions alike",
    "contest.rules.differences": "shows what changed between two versions of a question",
    "contest.rules.passwords": "safety of accounts",
    "contest.rules.terms": "the vocabulary itself",
    "contest.rules.labels": "how the vocabulary is called",
    "contest.rules.response_processing": "what files of QTI mean by their scoring",
    "contest.rules.calendars": "draws windows on a page",
    "contest.rules.matrices": "how a blueprint is written on its page",
    "contest.rules.simulation": "tries a blueprint out on papers that nobody takes",
    "contest.rules.orders": "tries an order on invented people",
    "contest.rules.overall_orders": "tries an overall order on invented people",
    "contest.rules.unit_orders": "tries a formula on invented units",
    "contest.rules.latency": "how long answers took, for whoever watches the machines",
    "contest.rules.scoring": "how exact figures are written; what they come to is held with the points",
}
KINDS = "contest.rules.questions.KINDS"
VOCABULARIES: tuple[type[StrEnum], ...] = (
    AdvanceBy, Board, ComparedUnits, Counted, Criterion, EdgeTie, EntrantMark, Kind, LimitPer, OverallCriterion, OverallWay,
    PredictionTarget, RegistrationWay, Remedy, Special, Step, UnitCriterion, Unplaced,
)  # fmt: skip
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_SENTENCE = re.compile(r"^\d+\. .+$", re.MULTILINE)


def sentences() -> list[tuple[str, str]]:
    """Return (heading, sentence) of every numbered sentence."""
    parts = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    return [(head, line) for head, _, text in (p.partition("\n") for p in parts) for line in _SENTENCE.findall(text)]


@cache
def named() -> Mapping[str, frozenset[str]]:
    """Return file → the tests of it that the document names."""
    found = defaultdict(set)
    for _, sentence in sentences():
        for path, test in _TEST.findall(sentence):
            found[path].add(test)
    return {path: frozenset(tests) for path, tests in found.items()}


class Source:
    """A module's top level: what each of its names rests on, by name here and by full name elsewhere."""

    def __init__(self, text: str) -> None:
        tree = ast.parse(text)
        self.imports = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.parts: dict[str, ast.AST] = {}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.parts[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self.parts |= {n.id: node for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        self.alias = {
            name: self.imports[value]
            for node in tree.body
            if isinstance(node, ast.Assign)
            for name, value in _same_as(node)
            if value in self.imports
        }

    def reach(self, names: Iterator[str] | frozenset[str]) -> set[str]:
        """Return the full names of what these names of the module use, over what they use here; with `.member` of each."""
        todo, seen, found = list(names), set[str](), set[str]()
        while todo:
            name = todo.pop()
            if name in seen or name not in self.parts:
                continue
            seen.add(name)
            for node in ast.walk(self.parts[name]):
                if isinstance(node, ast.Name):
                    todo.append(node.id)
                    found |= {self._full(node.id)} - {""}
                elif isinstance(node, ast.arg):
                    todo.append(node.arg)
                elif isinstance(node, ast.Attribute):
                    found.add(f".{node.attr}")
                    if isinstance(node.value, ast.Name) and self._full(node.value.id):
                        found.add(f"{self._full(node.value.id)}.{node.attr}")
                elif isinstance(node, ast.Call | ast.Starred):
                    found |= {f"{full}.*" for full in self._whole(node)}
        return found

    def _full(self, name: str) -> str:
        return self.alias.get(name) or self.imports.get(name, "")

    def _whole(self, node: ast.Call | ast.Starred) -> list[str]:
        """Return what is gone through from end to end: list(Kind), *Kind."""
        inside = [node.value] if isinstance(node, ast.Starred) else node.args
        is_list = isinstance(node, ast.Starred) or (
            isinstance(node.func, ast.Name) and node.func.id in {"list", "set", "tuple"}
        )
        return [self._full(n.id) for n in inside if is_list and isinstance(n, ast.Name) and self._full(n.id)]


def _same_as(node: ast.Assign) -> Iterator[tuple[str, str]]:
    """Yield (alias, name) of C = Criterion, and of C, W = Criterion, Way."""
    for target in node.targets:
        pairs = (
            zip(target.elts, node.value.elts, strict=True)
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            else [(target, node.value)]
        )
        yield from ((a.id, b.id) for a, b in pairs if isinstance(a, ast.Name) and isinstance(b, ast.Name))


@cache
def rules() -> Mapping[str, Source]:
    found = {}
    for path in sorted((ROOT / "contest" / "rules").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = Source(path.read_text(encoding="utf-8"))
    return found


def is_law(module: str) -> bool:
    return not any(module == name or module.startswith(f"{name}.") for name in NO_LAWS)


def functions(module: str) -> list[str]:
    parts = rules()[module].parts.items()
    return [name for name, node in parts if isinstance(node, ast.FunctionDef) and not name.startswith("_")]


@cache
def reached() -> frozenset[str]:
    """Return the full names of everything that the named tests reach."""
    found = set[str]()
    for path, tests in named().items():
        own = Source((ROOT / path).read_text(encoding="utf-8")).reach(tests)
        if KINDS in own:  # each kind answers to the same names
            own |= {f"{m}{name}" for m in rules() for name in own if name[0] == "." and "questions." in m}
        found |= own
    todo = list(found)
    while todo:
        module, _, name = todo.pop().rpartition(".")
        if module in rules() and name in rules()[module].parts:
            here = {f"{module}.{n}" for n in rules()[module].parts if n in _names(module, name)}
            new = (rules()[module].reach(frozenset({name})) | here) - found
            found |= new
            todo += new
    return frozenset(found)


def _names(module: str, name: str) -> set[str]:
    return {n.id for n in ast.walk(rules()[module].parts[name]) if isinstance(n, ast.Name)}


def test_every_sentence_has_a_test() -> None:
    found = sentences()
    assert len(found) > 100
    assert [s for heading, s in found if NOT_DONE not in heading and not _TEST.search(s)] == []


def test_sentences_are_numbered_without_a_gap() -> None:
    numbers = defaultdict(list)
    for heading, sentence in sentences():
        numbers[heading].append(int(sentence.partition(".")[0]))
    assert {heading: n for heading, n in numbers.items() if n != list(range(1, len(n) + 1))} == {}


@pytest.mark.parametrize("module", [m for m in rules() if is_law(m) and functions(m)])
def test_every_law_has_a_sentence_whose_test_reaches_it(module: str) -> None:
    assert [name for name in functions(module) if f"{module}.{name}" not in reached()] == []


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda v: v.__name__)
def test_every_choice_of_the_regulations_has_a_sentence_whose_test_reaches_it(vocabulary: type[StrEnum]) -> None:
    full = f"{vocabulary.__module__}.{vocabulary.__name__}"
    if f"{full}.*" in reached():
        return
    assert [member.name for member in vocabulary if f"{full}.{member.name}" not in reached()] == []


def test_what_is_no_law_is_still_there() -> None:
    assert [name for name in NO_LAWS if import_module(name) is None] == []


def test_law_that_no_test_reaches_is_caught() -> None:
    source = Source("from contest.rules.draws import lot, holds\nC = lot\ndef test_one():\n    assert C('')\n")
    assert "contest.rules.draws.lot" in source.reach(frozenset({"test_one"}))
    assert "contest.rules.draws.holds" not in source.reach(frozenset({"test_one"}))
    assert source.reach(frozenset({"test_other"})) == set()
