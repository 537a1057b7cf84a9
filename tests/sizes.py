"""How large the parts of the house have grown, against its budgets: printed after every run as a report, no limit."""

import ast
from collections.abc import Iterable
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent


def function_lengths(source: str) -> list[int]:
    """Return the number of lines of every function, decorators left out."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes]


def ninth_tenth(lengths: Iterable[int]) -> int:
    return round(quantiles(lengths, n=10, method="inclusive")[8])


def _lines(pattern: str) -> dict[str, int]:
    found = sorted(ROOT.glob(pattern))
    return {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in found}


def report() -> list[str]:
    """Return the report, one line a kind of file, the largest named."""
    modules = {name: n for name, n in _lines("contest/**/*.py").items() if n}
    functions = [n for name in modules for n in function_lengths((ROOT / name).read_text(encoding="utf-8"))]
    lines = [
        f"modules: median {median(modules.values()):.0f} (80), p90 {ninth_tenth(modules.values())} (200), "
        + _largest(modules, 300),
        f"functions: p90 {ninth_tenth(functions)} (25), longest {max(functions)} (50)",
    ]
    for kind, pattern, budget in (
        ("templates", "templates/**/*.html", 120),
        ("behaviours", "static/js/behaviours/*.js", 120),
        ("style sheets", "static/css/**/*.css", 250),
    ):
        lines.append(f"{kind}: {_largest(_lines(pattern), budget)}")
    return lines


def _largest(sizes: dict[str, int], budget: int) -> str:
    name = max(sizes, key=lambda n: sizes[n])
    over = sum(n > budget for n in sizes.values())
    return f"largest {name} {sizes[name]} ({budget})" + (f", {over} over" if over else "")
