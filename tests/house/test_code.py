"""Rules about the code itself. Each message says what to do next."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.conftest import Module

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "manager", "managers", "common", "misc"}
# Functions that read a clock, by the module they come from.
CLOCKS = {
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "gmtime",
        "localtime", "clock_gettime", "strftime", "ctime", "asctime",
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "pendulum": {"now", "today", "tomorrow", "yesterday"},
}  # fmt: skip
SEEDED = {"Random", "SystemRandom", "Generator", "default_rng", "PCG64", "SeedSequence", "Philox"}


def test_no_module_outgrows_a_reading(package: tuple[Module, ...]) -> None:
    long = [f"{one.name}: {one.text.count(chr(10))} lines" for one in package if one.text.count("\n") > LONGEST_MODULE]
    assert long == [], f"split a module of more than {LONGEST_MODULE} lines by what its halves are responsible for"


def test_no_function_outgrows_a_screen(package: tuple[Module, ...]) -> None:
    long = [
        f"{module.name}:{node.lineno} {node.name}: {length} lines"
        for module in package
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == [], f"name the steps of a function of more than {LONGEST_FUNCTION} lines, and call them"


def test_every_module_is_named_for_what_it_is_responsible_for(files: tuple[Path, ...]) -> None:
    empty = [str(path) for path in files if path.suffix == ".py" and SAYS_NOTHING & {path.stem, path.parent.name}]
    assert empty == [], "name it for what it does: what is in it belongs where it is used"


def test_every_module_says_what_it_is_for(package: tuple[Module, ...]) -> None:
    silent = [module.name for module in package if module.tree.body and not ast.get_docstring(module.tree)]
    assert silent == [], "begin the module with a docstring that says what it is for"


def test_nothing_is_mocked(modules: tuple[Module, ...]) -> None:
    mocked = [
        module.name
        for module in modules
        for names in _imported(module.tree)
        if names.startswith(("unittest.mock", "mock", "pytest_mock"))
    ]
    assert mocked == [], "use a real server or a named class (docs/explanation/testing.md)"


def test_no_test_is_skipped_or_expected_to_fail(modules: tuple[Module, ...]) -> None:
    skipped = [
        f"{module.name}:{node.lineno}"
        for module in modules
        if module.name.startswith("tests/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"skip", "skipif", "xfail", "importorskip", "skipTest"}
        and _root(node) == "pytest"
    ]
    assert skipped == [], "make it run everywhere, or leave it out"


def test_only_the_clock_reads_the_clock(package: tuple[Module, ...]) -> None:
    readers = [
        f"{module.name}:{line} {call}"
        for module in package
        if module.name != "reinforce/clock.py"
        for line, call in _clock_readings(module.tree)
    ]
    assert readers == [], "take `now` as an argument, or a Clock on the top floor (docs/explanation/two-clocks.md)"


def test_a_hidden_reading_of_the_clock_would_be_seen() -> None:
    imports = "import time as t; from time import monotonic as m; from datetime import datetime as d"
    source = f"{imports}\nt.time()\nm()\nd.now()\nx.now()\nt.sleep(1)\n"
    assert [line for line, _ in _clock_readings(ast.parse(source))] == [2, 3, 4]


def test_no_randomness_is_global(package: tuple[Module, ...]) -> None:
    calls = [
        f"{module.name}:{line} {call}"
        for module in package
        for line, call in _calls(module.tree)
        if call.startswith(("random.", "numpy.random.")) and call.rpartition(".")[2] not in SEEDED
    ]
    assert calls == [], "pass a seeded random.Random in, so that a rerun gives the same day"


def test_folders_named_like_libraries_are_no_packages(files: tuple[Path, ...], repository: Path) -> None:
    hidden = [path for path in files if path.name == "__init__.py" and path.parent.parent == repository]
    assert [path.parent.name for path in hidden] == ["reinforce"], "remove the __init__.py: it would hide a library"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every call by the full name of what is called, imports under another name undone."""
    meant: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            meant.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            meant.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _dotted(node.func)):
            first, _, rest = name.partition(".")
            yield node.lineno, ".".join(filter(None, (meant.get(first, first), rest)))


def _clock_readings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, call in _calls(tree):
        owner, _, function = call.rpartition(".")
        if function in CLOCKS.get(owner.rpartition(".")[2], ()) and owner.split(".")[0] in {
            "time",
            "datetime",
            "pendulum",
        }:
            yield line, call


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def _root(node: ast.Attribute) -> str:
    return _dotted(node).split(".")[0]
