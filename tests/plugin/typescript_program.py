"""Reads a Pulumi TypeScript program: constants, resources, literals and exports, nothing beyond.

It takes the program's word for what has the shape of an output: no types are inferred here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from tests.plugin.program import Declared, Program, Ref, Text

_LANGUAGE: Final = Language(tree_sitter_typescript.language_typescript())


def read(file: Path, package: str, module: str) -> Program:
    """Read a program that imports `module`, the SDK of `package`.

    What is not understood here is refused, never passed over.
    """
    tree = Parser(_LANGUAGE).parse(file.read_bytes())
    assert not tree.root_node.has_error, f"{file.name} is no TypeScript"
    reader = _Reader(package, module)
    for statement in tree.root_node.named_children:
        reader.statement(statement)
    return Program(reader.resources, reader.outputs)


class _Reader:
    def __init__(self, package: str, module: str) -> None:
        self.resources: dict[str, Declared] = {}
        self.outputs: dict[str, Any] = {}
        self._package = package
        self._module = module
        self._imported: dict[str, str] = {}
        self._constants: dict[str, Any] = {}

    def statement(self, node: Node) -> None:
        match node.type:
            case "comment":
                pass
            case "import_statement":
                name = _first(_first(node, "import_clause"), "namespace_import").named_children[0]
                self._imported[_said(name)] = self._value(_field(node, "source"))
            case "lexical_declaration":
                for item in node.named_children:
                    self._declare(item)
            case "export_statement":
                for item in _field(node, "declaration").named_children:
                    self.outputs[_said(_field(item, "name"))] = self._value(_field(item, "value"))
            case _:
                raise _not_read(node)

    def _declare(self, node: Node) -> None:
        name, value = _said(_field(node, "name")), _field(node, "value")
        if value.type == "new_expression":
            self.resources[name] = self._resource(value)
        else:
            self._constants[name] = self._value(value)

    def _resource(self, node: Node) -> Declared:
        constructor = _field(node, "constructor")
        namespace, name = (_said(child) for child in constructor.named_children)
        if self._imported.get(namespace) != self._module:
            raise _not_read(node)
        logical, properties = (
            self._value(item) for item in _field(node, "arguments").named_children
        )
        return Declared(f"{self._package}:index:{name}", logical, properties)

    def _value(self, node: Node) -> Any:
        read = {
            "array": lambda: [self._value(item) for item in node.named_children],
            "call_expression": lambda: self._interpolated(node),
            "false": lambda: False,
            "identifier": lambda: self._constants[_said(node)],
            "member_expression": lambda: self._ref(node),
            "number": lambda: _number(_said(node)),
            "object": lambda: dict(self._pair(item) for item in node.named_children),
            "string": lambda: "".join(
                _said(_only(item, "string_fragment")) for item in node.named_children
            ),
            "template_string": lambda: self._template(node),
            "true": lambda: True,
        }.get(node.type)
        if read is None:
            raise _not_read(node)
        return read()

    def _ref(self, node: Node) -> Ref:
        resource = _only(_field(node, "object"), "identifier")
        return Ref(_said(resource), _said(_field(node, "property")))

    def _pair(self, node: Node) -> tuple[str, Any]:
        if node.type == "shorthand_property_identifier":
            return _said(node), self._constants[_said(node)]
        key = _field(_only(node, "pair"), "key")
        name = (
            self._value(key) if key.type == "string" else _said(_only(key, "property_identifier"))
        )
        return name, self._value(_field(node, "value"))

    def _template(self, node: Node) -> str:
        parts = self._parts(node)
        if not all(isinstance(part, str) for part in parts):
            raise _not_read(node)  # JavaScript would print the output object, not its value
        return "".join(parts)

    def _interpolated(self, node: Node) -> Text:
        if _said(_field(node, "function")) != "pulumi.interpolate":
            raise _not_read(node)
        return Text(tuple(self._parts(_only(_field(node, "arguments"), "template_string"))))

    def _parts(self, node: Node) -> list[Any]:
        return [
            _said(part)
            if part.type == "string_fragment"
            else self._value(_only(part, "template_substitution").named_children[0])
            for part in node.named_children
        ]


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _said(node: Node) -> str:
    return (node.text or b"").decode()


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise _not_read(node)
    return found


def _first(node: Node, type_: str) -> Node:
    return _only(node.named_children[0], type_)


def _only(node: Node, type_: str) -> Node:
    if node.type != type_:
        raise _not_read(node)
    return node


def _not_read(node: Node) -> AssertionError:
    return AssertionError(f"line {node.start_point[0] + 1} is not read here: {_said(node)}")
