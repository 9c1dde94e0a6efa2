"""The rule book: rule folders found, loaded by path, and chosen."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any, NamedTuple

from named_audit.lint.contract import AUDIENCES, CHECKS, Audience, Rule, Severity
from named_audit.resources import read_resource, resource_dir


class BadRule(Exception):
    """A rule folder that breaks the contract; the text names the folder and what is wrong."""


class LoadedRule(NamedTuple):
    """A rule ready to run. `folder` holds its examples and its `fix.conf.j2`."""

    id: str
    rule: Rule
    check: str
    """The name of its function: one of `CHECKS`."""
    run: Callable[[Any, Any], Iterable[Any]]
    page: str
    """The docstring of `rule.py`: the manual page."""
    folder: str

    @property
    def headline(self) -> str:
        """The problem in one sentence: the first line of the page."""
        return self.page.strip().split("\n", 1)[0].strip()

    @property
    def template(self) -> str | None:
        """The text of `fix.conf.j2`, or None for a rule without a correction."""
        path = os.path.join(self.folder, "fix.conf.j2")
        if not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8") as file:
            return file.read()


def rule_folders(extra: Iterable[str] = ()) -> list[str]:
    """The folders of the built-in rules and of the given directories, sorted by name.

    A directory that holds a `rule.py` is itself a rule folder.

    Raises:
        BadRule: a directory is none.
    """
    found: list[str] = []
    for base in (resource_dir("rules"), *extra):
        if _has_rule(base):
            found.append(base)
            continue
        try:
            names = sorted(os.listdir(base))
        except OSError as error:
            raise BadRule(f"{base} is no folder of rules: {error.strerror}") from None
        folders = (os.path.join(base, name) for name in names if not name.startswith((".", "_")))
        found.extend(folder for folder in folders if _has_rule(folder))
    return found


def _has_rule(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "rule.py"))


def rule_id(folder: str) -> str:
    """The id of the rule in a folder: `transfer_open` is transfer-open."""
    return os.path.basename(os.path.abspath(folder)).replace("_", "-")


def load_rule(folder: str) -> LoadedRule:
    """Load one rule folder by path.

    Raises:
        BadRule: there is no usable rule in it; the reason is in the text.
    """
    path = os.path.join(folder, "rule.py")
    id_ = rule_id(folder)
    module = ModuleType("named_audit_rule_" + id_.replace("-", "_"))
    module.__file__ = path
    try:
        code = SourceFileLoader(module.__name__, path).get_code(module.__name__)
        assert code is not None
        exec(code, module.__dict__)
    except (Exception, SystemExit, GeneratorExit) as error:
        raise BadRule(f"{path}: {type(error).__name__}: {error}") from error
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise BadRule(f"{path}: no RULE of type named_audit.lint.contract.Rule")
    if not isinstance(rule.severity, Severity) or rule.audience not in AUDIENCES:
        raise BadRule(f"{path}: RULE needs a Severity and one of the audiences {', '.join(AUDIENCES)}")
    checks = [name for name in CHECKS if callable(getattr(module, name, None))]
    if len(checks) != 1:
        raise BadRule(
            f"{path}: one function is needed, named one of {', '.join(CHECKS)}; found {checks or 'none'}"
        )
    if not (module.__doc__ or "").strip():
        raise BadRule(f"{path}: no docstring; it is the manual page")
    return LoadedRule(id_, rule, checks[0], getattr(module, checks[0]), module.__doc__ or "", folder)


class Choice(NamedTuple):
    """Which rules run and for whom. Patterns are ids, old ids, or prefixes that end in `*`; empty select = all."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    audience: Audience = "regular"


class RuleBook:
    """The chosen rules, each loaded when a configuration has what it is about: a short run must not pay for all.

    Raises:
        BadRule: a folder breaks the contract, or two rules share an id.
    """

    def __init__(self, choice: Choice, extra: Iterable[str] = ()) -> None:
        extra = tuple(extra)
        self._later: dict[str, frozenset[str]] = {}
        """Folder -> what its rule is about; of a rule for what named refuses, its own id."""
        self._loaded: dict[str, LoadedRule] = {}
        self.unknown: tuple[str, ...] = ()
        """The patterns of the choice that name no rule."""
        if choice.select or choice.ignore or extra:
            chosen, self.unknown = load_rules(choice, extra)
            self._folders = [rule.folder for rule in chosen]
            self._loaded = {rule.folder: rule for rule in chosen}
        else:
            self._folders = rule_folders()
            about = json.loads(read_resource("rules", "about.json"))
            for folder in self._folders:
                names = about.get(os.path.basename(folder))
                if names is not None:
                    self._later[folder] = frozenset(names)

    def due(self, names: Collection[str]) -> tuple[LoadedRule, ...]:
        """The rules that can find anything where these statements stand and these ids are refused."""
        return tuple(
            self._load(folder)
            for folder in self._folders
            if folder not in self._later or not self._later[folder].isdisjoint(names)
        )

    @property
    def all(self) -> tuple[LoadedRule, ...]:
        """Every chosen rule."""
        return tuple(map(self._load, self._folders))

    def _load(self, folder: str) -> LoadedRule:
        rule = self._loaded.get(folder)
        if rule is None:
            rule = self._loaded[folder] = load_rule(folder)
        return rule


def load_rules(choice: Choice, extra: Iterable[str] = ()) -> tuple[tuple[LoadedRule, ...], tuple[str, ...]]:
    """Load the chosen rules.

    Returns the rules, and the patterns of the choice that name no rule.

    Raises:
        BadRule: a folder breaks the contract, or two rules share an id.
    """
    loaded: dict[str, LoadedRule] = {}
    for folder in rule_folders(extra):
        rule = load_rule(folder)
        if rule.id in loaded:
            raise BadRule(f"two rules have the id {rule.id}: {loaded[rule.id].folder} and {folder}")
        loaded[rule.id] = rule
    unknown = tuple(
        pattern
        for pattern in (*choice.select, *choice.ignore)
        if not any(matches(rule, pattern) for rule in loaded.values())
    )
    chosen = tuple(
        rule
        for rule in loaded.values()
        if (not choice.select or any(matches(rule, pattern) for pattern in choice.select))
        and not any(matches(rule, pattern) for pattern in choice.ignore)
    )
    return chosen, unknown


def matches(rule: LoadedRule, pattern: str) -> bool:
    """Whether a pattern of --select, --ignore or an inline ignore means this rule."""
    if pattern == "all":
        return True
    if pattern.endswith("*"):
        return rule.id.startswith(pattern[:-1])
    return pattern == rule.id or pattern in rule.rule.aliases


def nearest_ids(pattern: str, rules: Iterable[LoadedRule]) -> list[str]:
    """Ids that look like a mistyped one."""
    import difflib

    return difflib.get_close_matches(pattern, [rule.id for rule in rules], n=3)


def seen_by(audience: Audience, chosen: Audience) -> bool:
    """Whether a finding for `audience` is shown to the chosen one."""
    return AUDIENCES.index(audience) <= AUDIENCES.index(chosen)


def all_rules(extra: Iterable[str] = ()) -> Iterator[LoadedRule]:
    """Every rule, loaded."""
    rules, _ = load_rules(Choice(), extra)
    yield from rules
