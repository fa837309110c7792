"""Constants and tables of loaded modules as other texts have them; in every interpreter from Python 2.7 on.

As :mod:`.probing`, it is loaded by other interpreters too. No module is imported again: names get another value, and
lists, dictionaries and sets stay the objects that they are, with other contents.
"""

# ruff: noqa: B905, F401, RUF005, UP004, UP028, UP031
import ast
import sys

from .probing import encoded, imported_names, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

_LITERAL = frozenset(
    [
        "Constant",
        "Num",
        "Str",
        "Bytes",
        "NameConstant",
        "Tuple",
        "List",
        "Dict",
        "Set",
        "Load",
        "UnaryOp",
        "USub",
        "UAdd",
        "keyword",
    ]
)
_MADE = frozenset(
    [
        "Decimal",
        "Fraction",
        "date",
        "datetime",
        "time",
        "timedelta",
        "frozenset",
        "set",
        "dict",
        "list",
        "tuple",
    ]
)
"""Types that a literal may be made of by a call; of the modules below."""
_MAKERS = frozenset(["decimal", "_decimal", "_pydecimal", "fractions", "datetime", "builtins", "__builtin__"])
_TRUTHS = frozenset(["True", "False", "None"])

_ASSIGNED = {}  # type: dict[str, tuple[str, list[Assigned]]]
_TAKEN = {}  # type: dict[str, tuple[str, list[tuple[str, str, str]]]]
"""What was read of each module's text last: most texts never change."""


class Constants(object):
    """What changed texts of loaded modules give to names, from :meth:`install` until :meth:`remove`.

    Only what is written as a literal is looked at, and only names that hold what the module's own text gives them.

    Args:
        originals: the texts of the modules and of those that may take names from them.

    Raises:
        ValueError: a changed literal cannot be made a value.

    Attributes:
        strange: names that hold something else than what the text gives them.
    """

    def __init__(self, originals, texts):
        # type: (Mapping[str, str], Mapping[str, str]) -> None
        self.strange = []  # type: list[str]
        self._originals = originals
        self._held = []  # type: list[Contents | Names]
        for name in sorted(texts):
            if table(texts[name]) is None:  # probes change no constants
                for old, new in _changed(name, originals[name], texts[name]):
                    self._prepare(name, old, new)

    def install(self):
        # type: () -> None
        """Give the names what the changed texts say."""
        for one in self._held:
            one.install()

    def remove(self):
        # type: () -> None
        """Give the names back what they held."""
        for one in reversed(self._held):
            one.remove()
        self._held = []

    def _prepare(self, module, old, new):
        # type: (str, Assigned, Assigned) -> None
        space = vars(sys.modules[module])
        after = value_of(new.value, space)
        holder = sys.modules[module]  # type: Any
        for name in old.path:
            holder = vars(holder).get(name)
            if not hasattr(holder, "__dict__"):
                break
        now = vars(holder).get(old.name) if hasattr(holder, "__dict__") else None
        before = value_of(old.value, space)
        if type(now) is not type(before) or now != before:
            self.strange.append(old.name)
        elif type(now) is type(after) and type(now) in (dict, list, set):
            self._held.append(Contents(now, after))
        else:
            holders = [(holder, old.name)]
            if not old.path:
                holders += taken_from(self._originals, module, old.name, now)
            self._held.append(Names(holders, now, after))


class Contents(object):
    """A container that whoever has it goes on to have, with other contents."""

    def __init__(self, container, after):
        # type: (Any, Any) -> None
        self._container, self._before, self._after = container, type(container)(container), after

    def install(self):
        # type: () -> None
        """Fill it with what is new."""
        self._fill(self._after)

    def remove(self):
        # type: () -> None
        """Fill it with what was in it."""
        self._fill(self._before)

    def _fill(self, contents):
        # type: (Any) -> None
        if isinstance(self._container, list):
            self._container[:] = contents
        else:
            self._container.clear()
            self._container.update(contents)


class Names(object):
    """A value that cannot be changed, by all the names that it has in modules and classes."""

    def __init__(self, holders, before, after):
        # type: (list[tuple[Any, str]], Any, Any) -> None
        self._holders, self._before, self._after = holders, before, after

    def install(self):
        # type: () -> None
        """Let the names mean what is new."""
        for holder, name in self._holders:
            setattr(holder, name, self._after)

    def remove(self):
        # type: () -> None
        """Let them mean what they did."""
        for holder, name in self._holders:
            setattr(holder, name, self._before)


class Assigned(object):
    """A literal that a module, or a class in it, gives to a name when it is imported."""

    def __init__(self, path, name, value):
        # type: (tuple[str, ...], str, Any) -> None
        self.path, self.name, self.value = path, name, value
        lines = [one.lineno for one in ast.walk(value) if hasattr(one, "lineno")]
        self.lines = range(min(lines), max(lines) + 1)


def _changed(name, original, text):
    # type: (str, str, str) -> Iterator[tuple[Assigned, Assigned]]
    """The assignments of a module that another text makes otherwise."""
    if name not in _ASSIGNED or _ASSIGNED[name][0] != original:
        _ASSIGNED[name] = (original, _assigned(original))
    known = _ASSIGNED[name][1]
    lines = [original.split("\n"), text.split("\n")]
    pairs = zip(*lines)
    other = {number for number, (old, new) in enumerate(pairs, 1) if old != new}
    if not any(other.intersection(one.lines) for one in known):
        return
    for old, new in zip(known, _assigned(text)):
        same = (old.path, old.name) == (new.path, new.name)
        if same and ast.dump(old.value) != ast.dump(new.value):
            yield old, new


def _assigned(text):
    # type: (str) -> list[Assigned]
    try:
        return list(_literals(ast.parse(encoded(text)).body, ()))
    except SyntaxError:  # what is loaded is not what stands there
        return []


def _literals(body, path):
    # type: (Iterable[Any], tuple[str, ...]) -> Iterator[Assigned]
    for node in body:
        if isinstance(node, ast.ClassDef):
            for found in _literals(node.body, path + (node.name,)):
                yield found
            continue
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        assigns = type(node).__name__ in ("Assign", "AnnAssign") and node.value is not None
        if assigns and len(targets) == 1 and isinstance(targets[0], ast.Name) and is_literal(node.value):
            yield Assigned(path, targets[0].id, node.value)


def is_literal(node):
    # type: (Any) -> bool
    """Whether nothing has to be looked up to know a value, but for types that everybody knows."""
    if isinstance(node, ast.Name):
        return node.id in _TRUTHS
    if isinstance(node, ast.Call):
        last = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = isinstance(getattr(node.func, "value", node.func), ast.Name)
        inner = [one for one in ast.iter_child_nodes(node) if one is not node.func]
        return named and last in _MADE and all(map(is_literal, inner))
    return type(node).__name__ in _LITERAL and all(map(is_literal, ast.iter_child_nodes(node)))


def value_of(node, space):
    # type: (Any, Mapping[str, Any]) -> Any
    """The value of a literal in a module.

    Raises:
        ValueError: it calls something else than a plain type, or its type does not take it.
    """
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            maker = _evaluated(call.func, space)
            if getattr(maker, "__module__", "") not in _MAKERS or getattr(maker, "__name__", "") not in _MADE:
                raise ValueError("%r is no type of literals" % (maker,))
    return _evaluated(node, space)


def _evaluated(node, space):
    # type: (Any, Mapping[str, Any]) -> Any
    try:
        return eval(compile(ast.Expression(node), "<constant>", "eval", 0, True), dict(space))
    except (ArithmeticError, AttributeError, NameError, TypeError) as error:
        raise ValueError("%s: %s" % (type(error).__name__, error))  # noqa: B904 - Python 2.7 has no cause


def taken_from(texts, module, name, value):
    # type: (Mapping[str, str], str, str, object) -> list[tuple[Any, str]]
    """The modules that took a value from another one by ``from ... import``, and what they call it."""
    found = []  # type: list[tuple[Any, str]]
    waiting, seen = [(module, name)], {(module, name)}
    while waiting:
        source = waiting.pop()
        for other in texts:
            for place, theirs, ours in _taken(other, texts[other]):
                local = source[1] if theirs == "*" else ours
                fits = (place, source[1] if theirs == "*" else theirs) == source
                if fits and (other, local) not in seen and vars(sys.modules[other]).get(local) is value:
                    seen.add((other, local))
                    waiting.append((other, local))
                    found.append((sys.modules[other], local))
    return found


def _taken(name, text):
    # type: (str, str) -> list[tuple[str, str, str]]
    """What a module may have taken: from which one, what, and as what."""
    if name not in _TAKEN or _TAKEN[name][0] != text:
        package = name if hasattr(sys.modules[name], "__path__") else name.rpartition(".")[0]
        try:
            taken = list(imported_names(ast.parse(encoded(text)), package))
        except SyntaxError:
            taken = []
        _TAKEN[name] = (text, taken)
    return _TAKEN[name][1]
