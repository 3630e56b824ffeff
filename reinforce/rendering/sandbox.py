"""The environment that post templates run in: they see their values, and nothing else of the process or the machine.

A workspace may bring templates of its own, and whoever may write them need not be trusted with the daemon's keys. So a
template is held in three ways, beyond what Jinja2's immutable sandbox does:

- names: of a value only its fields, of a text a few methods that can't make it grow; no globals but a short `range`
- files: what it includes lies in the folders of templates, wherever a symbolic link may point
- work: rounds of loops, and characters made, are counted for each post, so that none can hold the daemon up
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

# A post has 280 characters: these are far beyond what one needs, and far below what hurts.
MOST_ROUNDS = 2_000
MOST_CHARACTERS = 20_000
LONGEST_RANGE = 100

_TEXT_METHODS = frozenset(
    {"capitalize", "endswith", "isdigit", "lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"}
)
# Those that neither make a text grow by a number, nor look up attributes by name, nor draw lots.
_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "first", "int", "last", "length", "list", "lower", "max", "min",
    "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "string", "title", "trim", "truncate",
    "unique",
    "upper", "wordcount", "map", "join", "replace",
)  # fmt: skip
_GROWING = ("join", "replace")


class _Budget:
    """What one rendering may still do."""

    def __init__(self) -> None:
        self.rounds = MOST_ROUNDS
        self.characters = MOST_CHARACTERS

    def spend_round(self) -> None:
        self.rounds -= 1
        if self.rounds < 0:
            raise SecurityError(f"it goes through more than {MOST_ROUNDS} rounds of loops")

    def spend(self, text: Any) -> Any:
        """`text`, paid for by its length."""
        if isinstance(text, str | Sequence):
            self.characters -= len(text)
            if self.characters < 0:
                raise SecurityError(f"it makes more than {MOST_CHARACTERS} characters")
        return text


_budget: ContextVar[_Budget] = ContextVar("budget of a rendering")


@contextmanager
def one_rendering() -> Iterator[None]:
    """Counts what is rendered in the block as one post."""
    token = _budget.set(_Budget())
    try:
        yield
    finally:
        _budget.reset(token)


class PostSandbox(ImmutableSandboxedEnvironment):
    """Jinja2 for posts; render inside `one_rendering`."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(
            loader=_Folders(folders),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: _budget.get().spend(value) if isinstance(value, str) else value,
            # Nothing is computed while a template is loaded: it would not be counted.
            optimized=False,
        )
        self.globals = {"range": _short_range}
        self.filters = {name: FILTERS[name] for name in _FILTERS}
        for name in _GROWING:
            self.filters[name] = _paid(FILTERS[name])
        self.filters |= {"_rounds": _rounds, "_concat": _concat}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """As Jinja2 does; then every loop and every concatenation is made one that is counted."""
        return _Counted().visit(super()._parse(source, name, filename))  # type: ignore[no-any-return]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields of values, harmless methods of texts, and what a loop knows of itself."""
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        if isinstance(obj, LoopContext):
            return super().is_safe_attribute(obj, attr, value)
        return is_dataclass(obj) and not isinstance(obj, type) and attr in {field.name for field in fields(obj)}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Sums and products of numbers; texts may be added, and a text repeated only within the budget."""
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise SecurityError(f"{operator} is not for templates")
        if operator == "*":
            for many, number in ((left, right), (right, left)):
                if (
                    isinstance(many, str | Sequence)
                    and isinstance(number, int)
                    and len(many) * number > MOST_CHARACTERS
                ):
                    raise SecurityError(f"it makes more than {MOST_CHARACTERS} characters")
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and result.bit_length() > 64:
            raise SecurityError("a number grows beyond 64 bits")
        return _budget.get().spend(result)


class _Counted(NodeTransformer):
    """Puts a counting filter around whatever a loop goes through, and in the place of every "~"."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.recursive:
            raise TemplateSyntaxError("recursive loops are not for templates of posts", node.lineno)
        node.iter = nodes.Filter(node.iter, "_rounds", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "_concat", [], [], None, None, lineno=node.lineno)


class _Folders(BaseLoader):
    """The first of the folders that has the template; what lies elsewhere is not there."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._roots = tuple(folder.resolve() for folder in folders)
        self._files = FileSystemLoader(folders)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        """As Jinja2's own loader. Raises TemplateNotFound."""
        source, file, fresh = self._files.get_source(environment, template)
        if not any(Path(file).resolve().is_relative_to(root) for root in self._roots):
            raise TemplateNotFound(template)
        return source, file, fresh


def _rounds(values: Iterable[Any]) -> Iterator[Any]:
    budget = _budget.get()
    for value in values:
        budget.spend_round()
        yield value


def _concat(parts: Iterable[Any]) -> str:
    return str(_budget.get().spend("".join(str(part) for part in parts)))


def _paid(grow: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose result is paid for."""

    @wraps(grow)
    def paid(*arguments: Any, **named: Any) -> Any:
        return _budget.get().spend(grow(*arguments, **named))

    return paid


def _short_range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > LONGEST_RANGE:
        raise SecurityError(f"a range has at most {LONGEST_RANGE} numbers")
    return made
