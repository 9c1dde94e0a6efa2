"""How many faults planted in the rules and the policy engine the tests find: `make mutate`.

    python -m tests.mutation [--sample N] [--seed S] [--all-tests] [PATH ...]

Cosmic Ray's operators plant one fault at a time (a comparison, an operator, a condition, a number, a loop). A warm process
has collected the tests and knows which of them run which line; each fault is tried in a fork of it, where the function's
code is replaced, by the tests that run its line, quickest first, until one fails. Text and metadata are not touched: the
operators leave strings alone; annotations, RULE and what only words a message are left out.

Code outside functions (tables, regular expressions) is not tried; the summary counts it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import importlib
import io
import os
import pickle
import pkgutil
import random
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import named_audit
from named_audit.lint import book
from named_audit.lint.contract import AUDIENCES
from tests import audit_cli
from tests.conftest import ROOT

PLACES = ("rules", "named_audit/policy")

QUICK = (
    "access added_zones addresses answers control_rules corrections defects definitions diff difference disclosed effects"
    " example exposure faults file_checks fix harm inbound_rules listeners matchlist notify paper question reach refused"
    " releases rules runtime_zones survey tables transfer_lists view_and_transport_rules who wording zone_content"
)
"""Tests that need no named, by the ends of their files' names."""

_VALUES = frozenset(
    {*AUDIENCES, "safe", "unsafe", "display", "replace", "inside", "before", "after", "delete"}
)
"""Words of the contract, which no message consists of."""

PATIENCE = 25
"""Seconds of tests that pass after which a fault has survived: the share is what the tests find at least."""


class Mutant(NamedTuple):
    """One planted fault. `code` is the whole module."""

    path: Path
    line: int
    operator: str
    code: str
    function: str
    """The qualified name of the outermost function that differs; empty for code outside functions."""

    def __str__(self) -> str:
        old, new = self.path.read_text().splitlines(), self.code.splitlines()
        changed = [
            f"- {one.strip()}\n    + {other.strip()}"
            for one, other in zip(old, new, strict=False)
            if one != other
        ]
        where = self.path.relative_to(ROOT)
        return f"{where}:{self.line} {self.operator}\n    {changed[0] if changed else '?'}"


def mutants(path: Path) -> Iterator[tuple[int, str, Callable[[], Mutant | None]]]:
    """Every place of a module where a fault can be planted: line, operator, and what plants it (None: no fault)."""
    # Not a dependency of the tests: `make mutate` installs it.
    from cosmic_ray.ast import ast_nodes, get_ast  # pyright: ignore[reportMissingImports]
    from cosmic_ray.mutating import mutate_code  # pyright: ignore[reportMissingImports]
    from cosmic_ray.plugins import (  # pyright: ignore[reportMissingImports]
        get_operator,
        operator_names,
    )

    text = path.read_text()
    tree = get_ast(text)
    names = [name for name in operator_names() if "Variable" not in name and "Decorator" not in name]
    for name in names:
        operator: Any = get_operator(name)()
        occurrence = 0
        for node in ast_nodes(tree):
            for start, _ in operator.mutation_positions(node):
                number = occurrence

                def plant(name: str = name, number: int = number, line: int = start[0]) -> Mutant | None:
                    code = mutate_code(text, get_operator(name)(), number)
                    return _mutant(path, line, name, text, code)

                yield start[0], name, plant
                occurrence += 1


def _mutant(path: Path, line: int, operator: str, text: str, code: str | None) -> Mutant | None:
    if code is None or _meaning(text) == (meaning := _meaning(code)) or meaning is None:
        return None
    old, new = _functions(text, path), _functions(code, path)
    changed = [name for name, each in new.items() if name in old and _differs(old[name], each)]
    return Mutant(path, line, operator.removeprefix("core/"), code, changed[0] if changed else "")


class _Meaning(ast.NodeTransformer):
    """Leaves out annotations, what a rule says of itself, and what only words a message.

    `strict` of zip goes too, which only checks our own code.
    """

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [each for each in node.keywords if each.arg not in ("strict", "message", "most")]
        if isinstance(node.func, ast.Name) and node.func.id == "shorten":
            node.args = node.args[:1]
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("")

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if _is_text(node.body) and _is_text(node.orelse):
            return ast.Constant("")
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return None if "RULE" in names else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is words for a person, not one that the program compares."""
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value not in _VALUES
    return isinstance(node, ast.JoinedStr)


def _meaning(code: str) -> str | None:
    try:
        return ast.dump(_Meaning().visit(ast.parse(code)))
    except SyntaxError:
        return None


def _functions(code: str, path: Path) -> dict[str, types.CodeType]:
    """The outermost functions and methods of a module by qualified name."""
    found: dict[str, types.CodeType] = {}
    waiting = [compile(code, str(path), "exec", dont_inherit=True)]
    while waiting:
        for each in waiting.pop().co_consts:
            if not isinstance(each, types.CodeType):
                continue
            if each.co_flags & 0x2:  # optimised: a function, not a class body
                found.setdefault(each.co_qualname, each)
            else:
                waiting.append(each)
    return found


def _differs(one: types.CodeType, other: types.CodeType) -> bool:
    if one.co_code != other.co_code or one.co_names != other.co_names:
        return True
    if len(one.co_consts) != len(other.co_consts):
        return True
    for left, right in zip(one.co_consts, other.co_consts, strict=True):
        if isinstance(left, types.CodeType) and isinstance(right, types.CodeType):
            if _differs(left, right):
                return True
        elif repr(left) != repr(right):
            return True
    return False


def apply(mutant: Mutant) -> None:
    """Replace the function in this process, or the rule's code when it is loaded."""
    if mutant.path.name == "rule.py":
        code = compile(mutant.code, str(mutant.path), "exec", dont_inherit=True)

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> types.CodeType | None:
                if Path(self.path).resolve() == mutant.path:
                    return code
                return super().get_code(fullname)

        setattr(book, "SourceFileLoader", Loader)  # noqa: B010
        return
    new = _functions(mutant.code, mutant.path)[mutant.function]
    gc.unfreeze()  # the program freezes at its end, and what is frozen is not found
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType):
            code = each.__code__
            if code.co_qualname == mutant.function and Path(code.co_filename) == mutant.path:
                each.__code__ = new


class Lines:
    """Which lines of the watched files run."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = frozenset(map(str, paths))
        self.seen: set[tuple[str, int]] = set()

    def start(self) -> None:
        """From now on."""
        sys.settrace(self._call)

    def stop(self) -> None:
        """Until now."""
        sys.settrace(None)

    def _call(self, frame: types.FrameType, event: str, argument: object) -> Any:
        path = frame.f_code.co_filename
        if path not in self._paths:
            return None
        seen = self.seen

        def line(frame: types.FrameType, event: str, argument: object) -> Any:
            seen.add((path, frame.f_lineno))
            return line

        return line


class _InProcess:
    """Stands for `subprocess` in `tests.audit_cli`: the program runs in a fork of this process, planted fault and all."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        """As `subprocess.run` for `python -m named_audit ...`."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "in").write_bytes(options.get("input") or b"")
            child = os.fork()
            if child == 0:
                self._child(place, command[3:], options)
            _, status = os.waitpid(child, 0)
            if (place / "lines").is_file():
                self.lines.seen.update(pickle.loads((place / "lines").read_bytes()))
            code = os.waitstatus_to_exitcode(status)
            out, err = (place / "out").read_bytes(), (place / "err").read_bytes()
        return subprocess.CompletedProcess(command, code, out, err)

    def _child(self, place: Path, arguments: Sequence[str], options: Mapping[str, Any]) -> None:
        code = 99
        tracing = sys.gettrace() is not None
        try:
            sys.settrace(None)
            flags = os.O_WRONLY | os.O_CREAT
            for number, name, how in ((0, "in", os.O_RDONLY), (1, "out", flags), (2, "err", flags)):
                os.dup2(os.open(place / name, how, 0o600), number)
            for stream, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
                opened = io.TextIOWrapper(
                    io.FileIO(number, mode, closefd=False), encoding="utf-8", errors="surrogateescape"
                )
                setattr(sys, stream, opened)
                setattr(sys, f"__{stream}__", opened)
            os.environ.clear()
            os.environ.update(options.get("env") or {})
            if options.get("cwd"):
                os.chdir(options["cwd"])
            sys.argv = ["named-audit", *arguments]
            from named_audit.cli import main

            if tracing:
                self.lines.seen.clear()
                self.lines.start()
            try:
                main()
                code = 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 1
            if tracing:
                self.lines.stop()
                (place / "lines").write_bytes(pickle.dumps(self.lines.seen))
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


class Trial:
    """The plugin: collects as usual, then tries faults instead of running the tests once."""

    def __init__(self, paths: Sequence[Path], sample: int | None, seed: int, workers: int) -> None:
        self._paths = paths
        self._sample = sample
        self._seed = seed
        self._workers = workers
        self._lines = Lines(paths)
        self._failed = False
        self._tests: dict[tuple[str, int], list[int]] = {}
        self._time: list[float] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Everything happens here."""
        setattr(audit_cli, "subprocess", _InProcess(self._lines))  # noqa: B010
        items = session.items
        began = time.monotonic()
        _import_all()
        self._time = [0.0] * len(items)
        with tempfile.TemporaryDirectory() as folder:
            kept = [Path(folder, str(worker)) for worker in range(self._workers)]
            children = [self._measure(items, worker, path) for worker, path in enumerate(kept)]
            for child in children:
                os.waitpid(child, 0)
            for path in kept:
                for number, seconds, lines in pickle.loads(path.read_bytes()):
                    self._time[number] = seconds
                    for place in lines:
                        self._tests.setdefault(place, []).append(number)
        _say(f"{len(items)} tests, {len(self._tests)} lines of {len(self._paths)} files, {_since(began)}")
        self._try(items)
        return True

    def _measure(self, items: Sequence[pytest.Item], worker: int, kept: Path) -> int:
        """Run a share of the tests in a fork, so that no cache of theirs is warm when faults are tried."""
        child = os.fork()
        if child:
            return child
        found: list[tuple[int, float, set[tuple[str, int]]]] = []
        try:
            for number in range(worker, len(items), self._workers):
                item = items[number]
                self._lines.seen = set()
                self._failed = False
                at = time.monotonic()
                self._lines.start()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                self._lines.stop()
                if self._failed:
                    _say(f"fails without a fault, left out: {item.nodeid}")
                else:
                    found.append((number, time.monotonic() - at, self._lines.seen))
            kept.write_bytes(pickle.dumps(found))
        finally:
            os._exit(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whether a test has failed."""
        self._failed |= report.failed

    def _try(self, items: Sequence[pytest.Item]) -> None:
        chosen = random.Random(self._seed)
        places = [place for path in self._paths for place in mutants(path)]
        # One of the many ways to get one operator wrong is enough.
        kinds: dict[tuple[int, str, int], list[Callable[[], Mutant | None]]] = {}
        for index, (line, name, plant) in enumerate(places):
            family = name.split("_")[0]
            same = index if family == name else 0
            kinds.setdefault((line, family, same), []).append(plant)
        plants = [chosen.choice(each) for each in kinds.values()]
        chosen.shuffle(plants)
        counts: Counter[str] = Counter()
        by_file: dict[str, Counter[str]] = {}
        running: dict[int, tuple[Mutant, Path]] = {}
        survivors: list[Mutant] = []
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            for number, plant in enumerate(plants):
                if self._sample is not None and counts["tried"] >= self._sample:
                    break
                mutant = plant()
                if mutant is None:
                    continue
                if not mutant.function:
                    counts["outside functions"] += 1
                    continue
                counts["tried"] += 1
                numbers = self._covering(mutant)
                if not numbers:
                    counts["not run by any test"] += 1
                    by_file.setdefault(str(mutant.path.relative_to(ROOT)), Counter())["survived"] += 1
                    survivors.append(mutant)
                    continue
                while len(running) >= self._workers:
                    self._reap(running, counts, by_file, survivors)
                log = Path(folder, str(number))
                child = os.fork()
                if child == 0:
                    self._child(mutant, [items[each] for each in numbers], log)
                running[child] = (mutant, log)
            while running:
                self._reap(running, counts, by_file, survivors)
        killed = counts["killed"] + counts["timeout"]
        for mutant in sorted(survivors, key=str):
            _say(f"survived: {mutant}")
        for path, count in sorted(by_file.items()):
            _say(f"{path}: {count['killed']} of {count['killed'] + count['survived']}")
        share = 100 * killed / max(counts["tried"], 1)
        _say(f"seed {self._seed}: {killed} of {counts['tried']} killed, {share:.1f} %, {_since(began)}")
        _say(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))

    def _covering(self, mutant: Mutant) -> list[int]:
        found = self._tests.get((str(mutant.path), mutant.line), [])
        return sorted(found, key=self._time.__getitem__)

    def _reap(
        self,
        running: dict[int, tuple[Mutant, Path]],
        counts: Counter[str],
        by_file: dict[str, Counter[str]],
        survivors: list[Mutant],
    ) -> None:
        child, status = os.wait()
        if child not in running:
            return
        mutant, _ = running.pop(child)
        code = os.waitstatus_to_exitcode(status)
        result = {0: "survived", 1: "killed"}.get(code, "timeout" if code == -signal.SIGALRM else "killed")
        counts[result] += 1
        kept = by_file.setdefault(str(mutant.path.relative_to(ROOT)), Counter())
        kept["survived" if result == "survived" else "killed"] += 1
        if result == "survived":
            survivors.append(mutant)
            done = counts["killed"] + counts["timeout"] + counts["survived"]
            _say(f"{done} done, {counts['survived']} survived; {mutant}")

    def _child(self, mutant: Mutant, items: Sequence[pytest.Item], log: Path) -> None:
        code = 2
        end = time.monotonic() + PATIENCE
        try:
            sink = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            apply(mutant)
            self._failed = False
            code = 0
            for item in items:
                # A fault may make a loop endless; the fork of the program ends with its parent's patience.
                signal.alarm(60)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if self._failed:
                    code = 1
                if self._failed or time.monotonic() > end:
                    break
        finally:
            os._exit(code)


def _import_all() -> None:
    """So that no fork has to."""
    for name in ("rich.console", "jinja2", "dns.zone", "dns.zonefile"):
        importlib.import_module(name)
    for each in pkgutil.walk_packages(named_audit.__path__, "named_audit."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)


def _say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.0f} s"


def main() -> None:
    """Try faults and print the share that the tests find, and every fault that they do not."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--sample", type=int, help="how many faults; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", nargs="*", help="test files; default: those that need no named")
    parser.add_argument("-k", dest="only", help="only these tests, as pytest chooses them")
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / each for each in PLACES])
    arguments = parser.parse_args()
    files: list[Path] = []
    for path in arguments.paths:
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        files += [each.resolve() for each in found if each.name != "__init__.py" and "more" not in each.parts]
    quick = [ROOT / "tests" / f"test_{name}.py" for name in QUICK.split()]
    tests = arguments.tests or [str(path) for path in quick if path.is_file()]
    trial = Trial(files, arguments.sample, arguments.seed, arguments.workers)
    chosen = ["-k", arguments.only] if arguments.only else []
    sys.exit(
        pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *chosen, *tests], plugins=[trial])
    )


if __name__ == "__main__":
    main()
