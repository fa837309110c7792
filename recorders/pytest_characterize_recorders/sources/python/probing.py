"""Running a module's functions with probes in them, in Python 2.7 as in every later one.

This file stands alone, since other interpreters load it as well. It reads the texts that the rules room makes of
Python modules (their last line tells what is what), exchanges the code of the functions that exist, and
says which rules were hit. The module is not imported again: its functions, classes and state stay the
objects that they are, and so does every line and column that a traceback may show.
"""

# ruff: noqa: B905, F401, PTH123, UP004, UP024, UP028, UP031, UP036
import ast
import gc
import json
import re
import sys
from bisect import bisect
from collections import Counter
from fnmatch import fnmatchcase
from types import CodeType, FunctionType

MYPY = False
if MYPY:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

if sys.version_info[0] == 2:  # pragma: no cover
    import __builtin__ as builtins
else:
    import builtins

_ORIGINALS = {}  # type: dict[tuple[str, str], CodeType]
"""The code of the module that was changed last: most often it is changed once more."""

TRAILER = "#~characterize "
"""How the last line of a text with probes begins."""

_COUNTS_BACK = sys.version_info >= (3, 6)
"""Whether a statement may be on an earlier line than the one before it; older compilers get it wrong."""

_COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Texts(object):
    """The source texts of a module and of others that belong to it.

    Those are the modules of its own top-level package that it imports, directly or not; or, where patterns are
    given, the loaded modules that match one. A module that is not written in Python has no text.
    """

    def __init__(self, name, patterns=()):
        # type: (str, Iterable[str]) -> None
        self._name = name
        self._patterns = tuple(patterns)
        self._texts = {}  # type: dict[str, str]
        self._imports = {}  # type: dict[str, set[str]]

    def loaded(self):
        # type: () -> dict[str, str]
        """Module name -> text, of those that are loaded by now; the module itself is the first."""
        names = self._matching() if self._patterns else self._reached()
        ordered = sorted(names, key=lambda name: (name != self._name, name))
        return {name: self._text(name) for name in ordered if self._text(name)}

    def _matching(self):
        # type: () -> set[str]
        found = {name for name in list(sys.modules) for shape in self._patterns if fnmatchcase(name, shape)}
        return found | {self._name}

    def _reached(self):
        # type: () -> set[str]
        family = self._name.partition(".")[0]
        found = set()  # type: set[str]
        waiting = [self._name]
        while waiting:
            name = waiting.pop()
            if name in sys.modules and name not in found:
                found.add(name)
                waiting += [one for one in self._imported(name) if one.partition(".")[0] == family]
        return found

    def _imported(self, name):
        # type: (str) -> set[str]
        if name not in self._imports:
            package = name if hasattr(sys.modules[name], "__path__") else name.rpartition(".")[0]
            try:
                tree = ast.parse(encoded(self._text(name)))
            except SyntaxError:  # what is loaded is not what stands there
                tree = ast.parse("")
            self._imports[name] = set(_imports(tree, package))
        return self._imports[name]

    def _text(self, name):
        # type: (str) -> str
        if name not in self._texts:
            try:
                self._texts[name] = _read(name)
            except (EnvironmentError, ImportError, SyntaxError, UnicodeError, LookupError):
                self._texts[name] = ""
        return self._texts[name]


def _imports(tree, package):
    # type: (ast.AST, str) -> Iterator[str]
    """The modules, and perhaps other things, that a module of a package imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                yield package + "." + alias.name  # as Python 2 has it
    for module, name, _ in imported_names(tree, package):
        yield module
        yield module + "." + name


def imported_names(tree, package):
    # type: (ast.AST, str) -> Iterator[tuple[str, str, str]]
    """What a module of a package takes from others: from which one, perhaps, what, and as what."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            for parents in [package.split(".")[: 1 - node.level or None]] if node.level else [[], [package]]:
                for alias in node.names:
                    yield ".".join(parents + base), alias.name, alias.asname or alias.name


def _read(name):
    # type: (str) -> str
    """The text of a loaded module as its loader, or its file, has it."""
    module = sys.modules[name]
    loader = getattr(module, "__loader__", None)  # type: Any
    if hasattr(loader, "get_source"):
        return loader.get_source(name) or ""
    path = getattr(module, "__file__", None) or ""
    with open(path[:-1] if path.endswith((".pyc", ".pyo")) else path, "rb") as file:
        raw = file.read()
    text = (
        raw.decode("utf-8-sig")
        if raw.startswith(b"\xef\xbb\xbf")
        else raw.decode(_encoding(raw.decode("latin-1")))
    )
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Probes(object):
    """Changed texts of loaded modules, run from :meth:`install` until :meth:`remove`.

    Args:
        functions: what :func:`existing` says, if somebody has asked already.

    Raises:
        ValueError: a function that exists would have to have other variables of the functions around it.

    Attributes:
        strange: names of modules none of whose functions were compiled from the text that is known of them.
    """

    def __init__(self, originals, texts, functions=None):
        # type: (Mapping[str, str], Mapping[str, str], Mapping[str, list[FunctionType]] | None) -> None
        self.strange = []  # type: list[str]
        self._heard = []  # type: list[Heard]
        self._codes = {}  # type: dict[tuple[int, CodeType], CodeType]
        known = existing(texts) if functions is None else functions
        found = {name: known.get(name, []) for name in texts}
        for name in sorted(texts):
            self._prepare(name, originals[name], texts[name], found[name])
        self._functions = [one for functions in found.values() for one in functions]
        for one in self._functions:
            code = self._code(one)
            if code is not None and len(code.co_freevars) != len(one.__code__.co_freevars):
                raise ValueError("%s() is there already, with other variables around it" % one.__name__)

    def install(self):
        # type: () -> None
        """Give the functions that exist the code of the changed texts."""
        for one in self._functions:
            code = self._code(one)
            if code is not None:
                one.__code__ = code
        self._functions = []

    def _code(self, function):
        # type: (FunctionType) -> CodeType | None
        return self._codes.get((id(function.__globals__), function.__code__))

    def _prepare(self, name, original, text, functions):
        # type: (str, str, str, list[FunctionType]) -> None
        if not functions:
            return
        filename = Counter(f.__code__.co_filename for f in functions).most_common(1)[0][0]
        told = table(text)
        if (original, filename) not in _ORIGINALS:
            _ORIGINALS.clear()
            _ORIGINALS[original, filename] = compiled(original, filename)
        pairs = dict(_pairs(_ORIGINALS[original, filename], compiled(text, filename)))
        if not any(f.__code__ in pairs for f in functions):
            self.strange.append(name)
            return
        space = id(functions[0].__globals__)
        self._codes.update(((space, old), new) for old, new in pairs.items())
        if told is not None:
            heard = Heard(told["rules"], told["every"])
            setattr(builtins, told["probe"], heard.probe)
            self._heard.append(heard)

    def clear(self):
        # type: () -> None
        """Forget all hits."""
        for heard in self._heard:
            heard.clear()

    def hits(self):
        # type: () -> list[tuple[str, int]]
        """The rules that were hit, sorted, and how often."""
        return sorted(hit for heard in self._heard for hit in heard.hits().items())

    def remove(self):
        # type: () -> None
        """Give the functions their own code back.

        What probes call stays: code that legacy has kept somewhere may still call it.
        """
        _exchange({(space, new): old for (space, old), new in self._codes.items()})
        self._codes = {}


class Heard(object):
    """What one module's probes report.

    Attributes:
        probe: to be called with the number of a probe.
    """

    def __init__(self, rules, every):
        # type: (list[list[str]], bool) -> None
        self._rules = rules
        self._all = []  # type: list[int]
        self._once = set()  # type: set[int]
        self._told = {}  # type: dict[frozenset[int], dict[str, int]]
        self._every = every
        self.probe = self._all.append if every else self._once.add

    def clear(self):
        # type: () -> None
        """Forget all hits."""
        if self._every:
            del self._all[:]
        else:
            self._once.clear()

    def hits(self):
        # type: () -> dict[str, int]
        """Rule -> how often it was hit; once where repeated hits do not count."""
        if self._every:
            return dict(Counter(rule for probe in self._all for rule in self._rules[probe]))
        probes = frozenset(self._once)  # few ways lead through a call, so most cases share theirs with others
        try:
            return self._told[probes]
        except KeyError:
            told = self._told[probes] = {rule: 1 for probe in probes for rule in self._rules[probe]}
            return told


def table(text):
    # type: (str) -> dict[str, Any] | None
    """What the last line of a text with probes tells; ``None`` if it is another text."""
    last = text[text.rfind("\n", 0, -1) + 1 :]
    return json.loads(last[len(TRAILER) :]) if last.startswith(TRAILER) else None


def compiled(text, filename):
    # type: (str, str) -> CodeType
    """The code of a module; its lines and columns are those of the module without probes."""
    flags = ast.PyCF_ONLY_AST
    tree = compile(encoded(text), filename, "exec", flags, True)
    told = table(text)
    if told is not None:
        _Places(told).restore(tree)
    return compile(tree, filename, "exec", 0, True)


def encoded(text):
    # type: (str) -> str | bytes
    """Text as the compiler wants it: in Python 2 as bytes, in the encoding that it declares."""
    return text if sys.version_info[0] > 2 else text.encode(_encoding(text))


def _encoding(text):
    # type: (str) -> str
    """The encoding that a text declares, or else what Python 2 assumes."""
    found = [_COOKIE.match(line) for line in text.split("\n", 2)[:2]]
    return next((cookie.group(1) for cookie in found if cookie), "ascii")


class _Places(object):
    """Finds the place in a module of what stands in its text with probes."""

    def __init__(self, told):
        # type: (dict[str, Any]) -> None
        self._ours = {line[0]: line[1:] for line in told["lines"]}
        self._lines = sorted(self._ours)
        self._columns = {int(line): pieces for line, pieces in told["columns"].items()}

    def restore(self, tree):
        # type: (Any) -> None
        """Give every node of a tree its place in the module."""
        nodes = ast.walk(tree)  # type: Iterator[Any]
        for node in nodes:
            if getattr(node, "lineno", None) is None:
                continue
            start = self._start(node.lineno, node.col_offset)
            if getattr(node, "end_lineno", None) is not None:
                end = self._end(node.end_lineno, node.end_col_offset)
                node.end_lineno, node.end_col_offset = max(start, end)
            node.lineno, node.col_offset = start

    def _start(self, line, column):
        # type: (int, int) -> tuple[int, int]
        if line in self._ours:
            return self._ours[line][0] if _COUNTS_BACK else max(1, self._number(line)), 0
        return self._number(line), self._column(line, column)

    def _end(self, line, column):
        # type: (int, int) -> tuple[int, int]
        if line in self._ours:
            return self._ours[line][1], self._ours[line][2]
        return self._number(line), self._column(line, column)

    def _number(self, line):
        # type: (int) -> int
        return line - bisect(self._lines, line)

    def _column(self, line, column):
        # type: (int, int) -> int
        removed = 0
        for place, length in self._columns.get(line, ()):
            if place >= column:
                break
            removed += min(length, column - place)
        return column - removed


def existing(names):
    # type: (Iterable[str]) -> dict[str, list[FunctionType]]
    """The functions that exist, by the module that they were written in; all objects are looked at."""
    spaces = {id(vars(sys.modules[name])): name for name in names if name in sys.modules}
    if not spaces:
        return {}
    found = {}  # type: dict[str, list[FunctionType]]
    for thing in gc.get_objects():
        if type(thing) is FunctionType:
            name = spaces.get(id(thing.__globals__))
            if name is not None and not thing.__code__.co_filename.startswith("<"):
                found.setdefault(name, []).append(thing)
    return found


def _exchange(codes):
    # type: (dict[tuple[int, CodeType], CodeType]) -> None
    """Give functions other code; codes are looked up by name space and code."""
    spaces = {space for space, _ in codes}
    if not spaces:
        return
    for thing in gc.get_objects():
        if type(thing) is FunctionType and id(thing.__globals__) in spaces:
            code = codes.get((id(thing.__globals__), thing.__code__))
            if code is not None:
                thing.__code__ = code


def _pairs(old, new):
    # type: (CodeType, CodeType) -> Iterator[tuple[CodeType, CodeType]]
    """The codes of functions and classes, each with its counterpart in the other text."""
    within = [[code for code in one.co_consts if isinstance(code, CodeType)] for one in (old, new)]
    if [code.co_name for code in within[0]] == [code.co_name for code in within[1]]:
        for before, after in zip(*within):
            yield before, after
            for pair in _pairs(before, after):
                yield pair
