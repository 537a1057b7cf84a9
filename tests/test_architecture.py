"""The house's laws of dependency, held against the source itself; each law has a snippet that breaks it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import sizes

ROOT = Path(__file__).resolve().parent.parent

# Who may import whom, and nothing else. A layer's own modules may import each other where it names itself.
ARROWS: dict[str, set[str]] = {
    "wsgi": {"contest"},
    "contest": {"web", "cli", "config", "db", "gateways", "i18n", "models"},
    "serve": {"contest", "worker", "config", "gateways"},
    "web": {"web", "forms", "services", "rules", "errors", "clock", "i18n", "config"},
    "cli": {"cli", "services", "gateways", "config", "errors", "clock", "i18n", "rules"},
    "worker": {"services", "gateways", "config", "errors", "clock", "i18n"},
    "forms": {"forms", "rules", "errors"},
    "services": {"services", "models", "gateways", "formats", "rules", "db", "errors", "clock", "i18n"},
    "models": {"models", "db", "rules"},
    "gateways": {"gateways", "errors", "formats", "clock"},
    "formats": {"formats", "rules"},
    "errors": {"rules"},
    "i18n": {"rules", "errors"},
    "db": {"db", "clock"},
    "rules": {"rules"},
    "clock": set(),
    "config": set(),
}
# Inside `services` each noun imports only what stands before it.
SERVICES = (
    "audit files jobs beats agreement replicas health readiness minutes messaging organisation units members banks contests "
    "results awards regulations grading corrections attempts seals marking evidence tryouts printing judging statistics "
    "certificates exchange exports reminders demo gauges"
).split()
PURE = ("rules", "formats")
IMPURE = {"flask", "sqlalchemy", "os", "time", "random", "socket"}
RUNNING_PAPER = tuple(
    f"contest.services.attempts.{name}" for name in ("paper", "asked", "content", "saving", "starting", "drawing")
)
KEYS = {"contest.models.keys", "contest.services.grading"}
CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("func", "now"),
    ("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "monotonic_ns"), ("time", "perf_counter"),
    ("time", "localtime"), ("time", "gmtime"),
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """A module's tree, and what it imports: our own modules by their full name, others by their first."""

    name: str
    tree: ast.Module
    imports: frozenset[str]

    @property
    def layer(self) -> str:
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else parts[0]

    @property
    def noun(self) -> str:
        return [*self.name.split("."), "", ""][2]


def read(sources: Mapping[str, str]) -> dict[str, Module]:
    """Parse modules, given by their names, and resolve their imports among each other."""
    out = {}
    for name, source in sources.items():
        tree = ast.parse(source)
        out[name] = Module(name, tree, frozenset(_imports(tree, sources)))
    return out


def _imports(tree: ast.Module, known: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_ours(a.name, known) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            whole = [f"{node.module}.{a.name}" for a in node.names]
            yield from (_ours(w if w in known else str(node.module), known) for w in whole)


def _ours(name: str, known: Mapping[str, str]) -> str:
    return name if name.partition(".")[0] in {"contest", "wsgi"} else name.partition(".")[0]


def sources() -> dict[str, str]:
    """Return every module of the application with its source."""
    out = {"wsgi": (ROOT / "wsgi.py").read_text(encoding="utf-8")}
    for path in sorted((ROOT / "contest").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        out[name] = path.read_text(encoding="utf-8")
    return out


def wrong_arrows(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name every import between layers that the table does not have, and every one against the order of services."""
    for module in modules.values():
        for target in sorted(t for t in module.imports if t in modules):
            other = modules[target]
            if other.layer not in ARROWS.get(module.layer, set()) and other.name != module.name:
                yield f"{module.name} → {target}"
            elif module.layer == other.layer == "services" and _place(other) > _place(module):
                yield f"{module.name} → {target} (order)"


def _place(module: Module) -> int:
    """Return where a service stands in the order; the package itself before all, what has no place behind all."""
    return SERVICES.index(module.noun) if module.noun in SERVICES else len(SERVICES) * bool(module.noun)


def cycles(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name the modules on a cycle of imports, one line a cycle."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield " → ".join((*path[path.index(name) :], name))
        elif name not in done:
            for target in sorted(modules[name].imports & modules.keys() - {name}):
                yield from visit(target, (*path, name))
            done.add(name)

    for name in modules:
        yield from visit(name, ())


def impurities(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name what reaches outside from the pure layers; a source of randomness may be named as a type alone."""
    for module in modules.values():
        if module.layer not in PURE:
            continue
        for found in sorted(module.imports & IMPURE):
            if found != "random" or not _is_type_only(module.tree):
                yield f"{module.name} → {found}"


def _is_type_only(tree: ast.Module) -> bool:
    """Say whether `random` is imported for its class Random only, and that is never called."""
    nodes = list(ast.walk(tree))
    plain = any(isinstance(n, ast.Import) and any(a.name == "random" for a in n.names) for n in nodes)
    named = [a.name for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "random" for a in n.names]
    calls = any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "Random" for n in nodes)
    return not plain and set(named) == {"Random"} and not calls


def commits(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name every commit outside `db`."""
    for module in modules.values():
        for node in ast.walk(module.tree):
            is_commit = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
            )
            if is_commit and module.layer != "db":
                yield f"{module.name}:{node.lineno}"


def clock_readings(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name every reading of the clock outside `clock`."""
    for module in modules.values():
        if module.name == "contest.clock":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in CLOCKS:
                yield f"{module.name}:{node.lineno} {_last_name(node.value)}.{node.attr}"
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                yield from (
                    f"{module.name}:{node.lineno} time.{a.name}" for a in node.names if ("time", a.name) in CLOCKS
                )


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def roads_to_keys(modules: Mapping[str, Module]) -> Iterator[str]:
    """Name every chain of imports by which what renders a running paper would come to the keys."""
    for start in RUNNING_PAPER:
        seen: dict[str, str] = {}
        waiting = [(start, start)]
        while waiting:
            name, road = waiting.pop()
            if name in KEYS:
                yield road
            elif name in modules and name not in seen:
                seen[name] = road
                waiting += [(target, f"{road} → {target}") for target in sorted(modules[name].imports)]


LAWS = (wrong_arrows, cycles, impurities, commits, clock_readings, roads_to_keys)


@pytest.fixture(scope="module")
def real() -> dict[str, Module]:
    return read(sources())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_house_keeps_the_law(law, real):
    assert list(law(real)) == []


def test_every_layer_and_noun_is_known(real):
    layers = {m.layer for m in real.values()} - {"wsgi", "contest"}
    nouns = {m.noun for m in real.values() if m.layer == "services"} - {""}
    assert (layers - ARROWS.keys(), nouns - set(SERVICES)) == (set(), set())


def test_every_module_of_the_house_is_read(real):
    assert {
        "contest",
        "contest.db",
        "contest.services.attempts.saving",
        "contest.web.gate",
        "wsgi",
    } - real.keys() == set()


BREAKS = [
    (wrong_arrows, {"contest.rules.x": "from contest import clock"}, ["contest.rules.x → contest.clock"]),
    (wrong_arrows, {"contest.web.x": "def f():\n    from contest.db import db"}, ["contest.web.x → contest.db"]),
    (wrong_arrows, {"contest.web.x": "import contest.models.keys"}, ["contest.web.x → contest.models.keys"]),
    (
        wrong_arrows,
        {"contest.forms.x": "from contest.services import audit"},
        ["contest.forms.x → contest.services.audit"],
    ),
    (
        wrong_arrows,
        {"contest.services.audit": "from contest.services import files"},
        ["contest.services.audit → contest.services.files (order)"],
    ),
    (
        wrong_arrows,
        {"contest.services.members.x": "from contest.services.attempts.saving import save"},
        ["contest.services.members.x → contest.services.attempts.saving (order)"],
    ),
    (
        cycles,
        {"contest.rules.x": "from contest.rules import y", "contest.rules.y": "def f():\n    import contest.rules.x"},
        ["contest.rules.x → contest.rules.y → contest.rules.x"],
    ),
    *(
        (impurities, {f"contest.{layer}.x": f"import {name}"}, [f"contest.{layer}.x → {name}"])
        for layer in PURE
        for name in sorted(IMPURE)
    ),
    (impurities, {"contest.rules.x": "from os.path import join"}, ["contest.rules.x → os"]),
    (impurities, {"contest.rules.x": "from random import choice"}, ["contest.rules.x → random"]),
    (impurities, {"contest.rules.x": "from random import Random\nr = Random(1)"}, ["contest.rules.x → random"]),
    (impurities, {"contest.rules.x": "from random import Random\ndef f(r: Random) -> int: ..."}, []),
    (commits, {"contest.services.x": "def f():\n    db.session.commit()"}, ["contest.services.x:2"]),
    (commits, {"contest.db": "db.session.commit()"}, []),
    (clock_readings, {"contest.cli": "t = datetime.now(UTC)"}, ["contest.cli:1 datetime.now"]),
    (clock_readings, {"contest.cli": "t = datetime.datetime.utcnow()"}, ["contest.cli:1 datetime.utcnow"]),
    (clock_readings, {"contest.cli": "make = field(default_factory=date.today)"}, ["contest.cli:1 date.today"]),
    (clock_readings, {"contest.cli": "import time\nt = time.time()"}, ["contest.cli:2 time.time"]),
    (clock_readings, {"contest.cli": "from time import monotonic"}, ["contest.cli:1 time.monotonic"]),
    (clock_readings, {"contest.clock": "t = datetime.now(UTC)"}, []),
    (
        roads_to_keys,
        {"contest.services.attempts.paper": "def f():\n    from contest.models.keys import AnswerKey"},
        ["contest.services.attempts.paper → contest.models.keys"],
    ),
    (
        roads_to_keys,
        {
            "contest.services.attempts.saving": "import contest.rules.x",
            "contest.rules.x": "import contest.services.grading",
        },
        ["contest.services.attempts.saving → contest.rules.x → contest.services.grading"],
    ),
]


@pytest.mark.parametrize(("law", "snippet", "caught"), BREAKS)
def test_breaking_the_law_is_caught(law, snippet, caught):
    beside = {"contest.clock": "", "contest.db": "", "contest.models.keys": "", "contest.services.grading": ""}
    beside |= dict.fromkeys(
        ("contest.services.audit", "contest.services.files", "contest.services.attempts.saving"), ""
    )
    assert list(law(read(beside | snippet))) == caught


def test_sizes_are_measured():
    source = "@cached\ndef one():\n    return 1\n\nclass C:\n    async def two(self):\n        return (\n2\n)\n"
    assert (sizes.function_lengths(source), sizes.ninth_tenth(range(1, 12))) == ([2, 4], 10)
    assert [line.partition(":")[0] for line in sizes.report()] == [
        "modules",
        "functions",
        "templates",
        "behaviours",
        "style sheets",
    ]
