"""The shape of the house: which room may know which, and what importing one may do. Read off the source itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scheduler"

MAY_KNOW: dict[str, set[str]] = {
    "domain": set(),
    "intake": {"domain"},
    "files": {"domain"},
    "model": {"domain"},
    "rules": {"domain", "model"},
    "goals": {"domain", "model"},
    "verify": {"domain", "model", "rules", "goals"},
    "engine": {"domain", "model", "rules", "goals", "verify"},
    "preflight": {"domain", "model", "rules", "goals"},
    "shortfalls": {"domain", "model", "rules", "goals", "preflight"},
    "advice": {"domain", "model", "rules", "goals", "verify", "engine", "preflight", "shortfalls"},
    "reports": {"domain", "rules", "goals"},
    "samples": {"domain", "intake"},
}
"""Rooms and what each may import beside itself. The rooms that join others together are not listed: see below."""

JOINING = {"__init__", "batch", "cli", "commands", "exits", "loading", "pipeline", "recording", "terminal"}
"""The top of the house: these may know every room below, and no room may know them."""

HEAVY_ONLY_IN = {
    "ortools": {"model", "engine"},
    "pandas": {"intake", "reports", "samples"},
    "openpyxl": {"intake", "reports", "samples", "files"},
    "click": {"cli", "commands", "terminal"},
}


@cache
def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """``scheduler.rules.apart`` is in the room ``rules``; the package itself is ``__init__``."""
    return [*module.split("."), "__init__"][1]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports anywhere: at the top, for type checkers only, or inside a function."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    known = {module_of(one) for one in sources()}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name of what is imported"
            assert node.module is not None
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in full)


def project_imports(path: Path) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] == "scheduler"}


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_arrows_run_one_way(path: Path) -> None:
    room = room_of(module_of(path))
    known = {room_of(name) for name in project_imports(path)} - {room}
    if room in JOINING:
        assert room != "__init__" or not known, "the package itself is light"
        return
    assert room in MAY_KNOW, f"a new room, {room}: say here what it may know"
    strangers = known - MAY_KNOW[room] - {"__init__"}
    assert not strangers, f"{module_of(path)} knows {sorted(strangers)}"


def test_the_arrows_have_no_circle() -> None:
    order: list[str] = []
    while left := MAY_KNOW.keys() - set(order):
        free = sorted(room for room in left if MAY_KNOW[room] <= set(order))
        assert free, f"a circle among {sorted(left)}"
        order.extend(free)


def holds_a_rule_or_goal(path: Path) -> bool:
    classes = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    bases = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
    return bool(bases & {"Rule", "Goal"})


def test_rules_and_goals_are_strangers_to_each_other() -> None:
    """A file holds one rule and everything about it: only the registry knows them all."""
    holders = [
        path for room in ("rules", "goals") for path in (PACKAGE / room).glob("*.py") if holds_a_rule_or_goal(path)
    ]
    names = {module_of(path) for path in holders}
    assert len(names) == 16 + 5
    for path in holders:
        assert not (project_imports(path) & names) - {module_of(path)}


@pytest.mark.parametrize("library", list(HEAVY_ONLY_IN))
def test_a_library_is_known_only_where_it_is_needed(library: str) -> None:
    users = {
        room_of(module_of(path)) for path in sources() if library in {name.split(".")[0] for name in imports(path)}
    }
    assert users <= HEAVY_ONLY_IN[library]


def test_the_domain_rests_on_little() -> None:
    outside = {name.split(".")[0] for path in (PACKAGE / "domain").glob("*.py") for name in imports(path)}
    assert outside - set(sys.stdlib_module_names) <= {"pydantic", "rapidfuzz", "scheduler"}


def modules_in(*rooms: str) -> list[str]:
    return [module_of(path) for path in sources() if room_of(module_of(path)) in rooms]


def run(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    return subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True, check=False)


SOLVER_FREE = ("domain", "intake", "files", "rules", "goals", "verify", "preflight", "shortfalls", "reports", "samples")
BLOCKED: dict[str, tuple[list[str], list[str]]] = {
    "everything but model and engine, without the solver": (
        [*modules_in(*SOLVER_FREE), "scheduler.model", "scheduler.model.protocol", "scheduler.model.candidates"],
        ["ortools"],
    ),
    "the core without spreadsheets": (
        modules_in("domain", "model", "rules", "goals", "verify", "engine", "preflight", "shortfalls"),
        ["openpyxl", "rich", "click", "yaml"],
    ),
    "the commands without anything heavy": (
        ["scheduler", "scheduler.cli"],
        ["ortools", "pandas", "numpy", "openpyxl", "rich", "pydantic", "rapidfuzz", "yaml"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(BLOCKED))
def test_imports_alone_do_not_need(name: str) -> None:
    modules, blocked = BLOCKED[name]
    code = "".join(f"sys.modules[{library!r}] = None\n" for library in blocked)
    done = run(code + "".join(f"import {module}\n" for module in modules))
    assert done.returncode == 0, done.stderr


def test_a_timetable_is_verified_where_no_solver_is_installed() -> None:
    code = """
sys.modules["ortools"] = None
sys.path.insert(0, "tests")
from builders import table, tiny
from scheduler.verify import verify
print(verify(tiny(), table("Mon9 G T1 R P1")).broken, "ortools.sat" in sys.modules)
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("0 False\n", "")


def test_importing_the_whole_house_does_nothing(tmp_path: Path) -> None:
    """No words, no files, no threads, no change of directory, signals, environment or logging."""
    code = (
        """
import logging, os, signal, threading
def state():
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    return os.getcwd(), dict(os.environ), handlers, threading.active_count(), list(logging.root.handlers)
import numpy, pandas, openpyxl, ortools.sat.python.cp_model
before = state()
"""
        + "".join(f"import {module_of(path)}\n" for path in sources())
        + "assert state() == before, (before, state())\n"
    )
    done = run(code, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


QUIET = (
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AnnAssign,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.If,
    ast.AugAssign,  # a table put together
    ast.For,  # entries of a table or class of the same file
)


def says_or_completes(node: ast.stmt, tree: ast.Module) -> bool:
    """Words, or a call that completes a class of the same file."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name in {one.name for one in tree.body if isinstance(one, ast.ClassDef)}
    return False


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_a_module_only_defines(path: Path) -> None:
    tree = tree_of(path)
    for node in tree.body:
        assert isinstance(node, QUIET) or says_or_completes(node, tree), (
            f"line {node.lineno} does something when the module is imported"
        )
    assert not any(isinstance(node, ast.Global) for node in ast.walk(tree)), "no state that functions share"
    assert ast.get_docstring(tree), "a module says in one line what it is"
