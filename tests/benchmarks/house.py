"""Prints how the code is cut: `python -m tests.benchmarks.house [FOLDER]`, of this checkout or of another one.

Modules that only one other uses, and private functions that are called in one place only, are where a reader is sent
around rather than down. Counted are the modules of `dashboard` and `jobs` with something in them, without migrations.
"""

import ast
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("dashboard", "jobs")
ENTRANCES = re.compile(r"(^|\.)(apps|urls|\w+_urls|settings|tasks|celery|wsgi|templatetags|commands|management)(\.|$)")
"""Modules that Django, Celery or a server opens by name: nobody needs to import them."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(root: Path) -> dict[str, ast.Module]:
    """The parsed modules by dotted name, those with nothing but a docstring left out."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            tree = ast.parse(path.read_text())
            if "migrations" not in path.parts and any(not isinstance(node, ast.Expr) for node in tree.body):
                found[".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")] = tree
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)


def importers(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Who imports each module."""
    found = defaultdict(set)
    for who, tree in trees.items():
        for what in {*imported(tree)} & trees.keys() - {who}:
            found[what].add(who)
    return found


def functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def called_once(tree: ast.Module) -> tuple[list[str], list[str]]:
    """The private functions and methods of a module, and those that it only calls, and in one place only.

    What is handed over by its name, to a table or as a callback, has to be a function.
    """
    private = [node.name for node in functions(tree) if node.name.startswith("_") and not node.name.startswith("__")]
    named = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    named.update(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    calls = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return private, [name for name in private if named[name] == 1 and name in calls]


def lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def main(root: Path) -> None:
    trees = modules(root)
    by_whom = importers(trees)
    once = [name for name in trees if len(by_whom[name]) == 1 and not ENTRANCES.search(name)]
    called = {name: called_once(tree) for name, tree in trees.items()}
    private, single = (sum(len(names[which]) for names in called.values()) for which in (0, 1))
    lengths = sorted(lines(node) for tree in trees.values() for node in functions(tree))
    files = [path for package in PACKAGES for path in (root / package).rglob("*.py") if "migrations" not in path.parts]
    text = {path: path.read_text().count("\n") for path in files}
    operations = sum(name.startswith("jobs.operations.") for name in trees)
    rows = {
        "lines of product code": sum(text.values()),
        "modules": len(trees),
        "  of them in jobs/operations": operations,
        "modules with one importer": f"{len(once)} ({len(once) / len(trees):.0%})",
        "lines in a module, median and p90": spread([count for path, count in text.items() if count > 2]),
        "private functions": private,
        "  called in one place": f"{single} ({single / private:.0%})",
        "functions": len(lengths),
        "lines in a function, median and p90": spread(lengths),
    }
    for name, figure in rows.items():
        print(f"{name:<36} {figure}")
    if "--names" in sys.argv:
        print("\nOne importer:", *(f"{name} <- {min(by_whom[name])}" for name in once), sep="\n  ")
        print(
            "\nCalled in one place:",
            *(f"{name}: {' '.join(of[1])}" for name, of in called.items() if of[1]),
            sep="\n  ",
        )


def spread(counts: list[int]) -> str:
    return f"{statistics.median(counts):.0f}, {statistics.quantiles(counts, n=10)[-1]:.0f}"


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(Path(folders[0]) if folders else Path(__file__).resolve().parents[2])
