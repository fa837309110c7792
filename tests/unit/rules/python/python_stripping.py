"""Takes probes out of a syntax tree, so that it can be compared with the module's own."""

from __future__ import annotations

import ast
from typing import Any, TypeGuard

from pytest_characterize.rules.python.text import MARK
from pytest_characterize_recorders.sources.python.probing import _Places, encoded, table


def restored(text: str) -> ast.AST:
    """The tree of a text with probes, each node in its place."""
    tree = ast.parse(encoded(text))
    told = table(text)
    if told is not None:
        _Places(told).restore(tree)
    return tree


def stripped(tree: ast.AST) -> ast.AST:
    """The tree without probes."""
    return _Stripping().visit(tree)  # type: ignore[no-any-return]


def _is_flag(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id.startswith(f"{MARK}f")


def _is_probe(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith(MARK)


def _is_ours(statement: ast.AST) -> bool:
    match statement:
        case ast.Expr(value=ast.BoolOp(values=[flag, probe])):
            return _is_flag(flag) and _is_probe(probe)
        case ast.Expr(value=value):
            return _is_probe(value)
        case ast.Assign(targets=[target]):
            return _is_flag(target)
    return False


class _Stripping(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name in ("body", "orelse", "finalbody", "handlers"):
            found = getattr(node, name, None)
            if isinstance(found, list):
                setattr(node, name, [one for one in found if not _is_ours(one)])
        return super().generic_visit(node)

    def visit_Match(self, node: ast.Match) -> ast.AST:
        if all(map(_is_ours, node.cases[-1].body)):
            node.cases.pop()
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        match node.values:
            case [ast.BoolOp(op=ast.And(), values=[condition, ast.UnaryOp(operand=held)]), failed] if (
                _is_probe(held) and _is_probe(failed)
            ):
                return self.visit(condition)
            case [probe, value] if _is_probe(probe):
                return self.visit(value)
            case [value, probe] if _is_probe(probe):
                return self.visit(value)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        match node.value:
            case ast.Tuple(elts=[value, probe]) if _is_probe(probe):
                return self.visit(value)
        return self.generic_visit(node)
