"""A small interpreter of EEL2, the language of JSFX, for what the exported effect uses of it.

It knows nothing of the exporter: numbers, memory by index, assignment, arithmetic, comparison,
``||``, ``? :``, ``loop``, functions with ``local``, and the maths functions.
"""

from __future__ import annotations

import math
import re
from typing import Any

TOKEN = re.compile(r"\s*(\d+\.?\d*|\$?[A-Za-z_]\w*|\|\||<=|>=|==|[-+*/()\[\],;?:=<>])")
MATHS = {"cos": math.cos, "sin": math.sin, "exp": math.exp, "log": math.log, "sqrt": math.sqrt}


class Effect:
    """A parsed JSFX with its sliders; ``process`` runs one stereo sample."""

    def __init__(self, source: str, rate_hz: float) -> None:
        head, *parts = re.split(r"^@(init|slider|sample)$", source, flags=re.MULTILINE)
        self.sections = dict(zip(parts[::2], parts[1::2], strict=True))
        self.sliders = {
            int(n): float(v) for n, v in re.findall(r"^slider(\d+):([-\d.]+)<", head, re.MULTILINE)
        }
        self.names: dict[str, float] = {"srate": rate_hz, "$pi": math.pi}
        self.names |= {f"slider{n}": v for n, v in self.sliders.items()}
        self.memory: dict[int, float] = {}
        self.functions: dict[str, tuple[list[str], list[str], Any]] = {}
        self.code = {name: Parser(text, self).program() for name, text in self.sections.items()}
        self.run(self.code["init"], {})
        self.run(self.code["slider"], {})

    def process(self, left: float, right: float) -> tuple[float, float]:
        self.names |= {"spl0": left, "spl1": right}
        self.run(self.code["sample"], {})
        return self.names["spl0"], self.names["spl1"]

    def run(self, node: Any, local: dict[str, float]) -> float:
        kind = node[0]
        if kind == "number":
            return node[1]
        if kind == "name":
            return local[node[1]] if node[1] in local else self.names.get(node[1], 0.0)
        if kind == "block":
            value = 0.0
            for item in node[1]:
                value = self.run(item, local)
            return value
        if kind == "at":
            return self.memory.get(self.place(node, local), 0.0)
        if kind == "set":
            value = self.run(node[2], local)
            if node[1][0] == "at":
                self.memory[self.place(node[1], local)] = value
            else:
                scope = local if node[1][1] in local else self.names
                scope[node[1][1]] = value
            return value
        if kind == "if":
            return self.run(node[2] if self.run(node[1], local) != 0 else node[3], local)
        if kind == "call":
            return self.call(node[1], node[2], local)
        a, b = self.run(node[1], local), self.run(node[2], local)
        return float(
            {
                "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
                "<=": lambda: a <= b, ">=": lambda: a >= b, "<": lambda: a < b,
                ">": lambda: a > b, "==": lambda: a == b, "||": lambda: a != 0 or b != 0,
            }[kind]()
        )  # fmt: skip

    def place(self, node: Any, local: dict[str, float]) -> int:
        return int(self.run(node[1], local) + self.run(node[2], local) + 1e-5)

    def call(self, name: str, arguments: list[Any], local: dict[str, float]) -> float:
        if name == "loop":
            value = 0.0
            for _ in range(int(self.run(arguments[0], local))):
                value = self.run(arguments[1], local)
            return value
        values = [self.run(a, local) for a in arguments]
        if name in MATHS:
            return MATHS[name](*values)
        parameters, own, body = self.functions[name]
        scope = dict(zip(parameters, values, strict=True)) | dict.fromkeys(own, 0.0)
        return self.run(body, scope)


class Parser:
    """Recursive descent over one section."""

    def __init__(self, text: str, effect: Effect) -> None:
        text = re.sub(r"//.*", "", text)
        self.tokens, at = [], 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            assert found, f"not EEL2: {text[at : at + 40]!r}"
            self.tokens.append(found[1])
            at = found.end()
        self.at, self.effect = 0, effect

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        assert token, "ends early"
        assert wanted in ("", token), f"{wanted} wanted, {token} found"
        self.at += 1
        return token

    def program(self) -> Any:
        items = []
        while self.peek():
            if self.peek() == "function":
                self.function()
            elif self.peek() == ";":
                self.take()
            else:
                items.append(self.expression())
        return ("block", items)

    def names(self) -> list[str]:
        self.take("(")
        found = []
        while self.peek() != ")":
            name = self.take()
            if name != ",":
                found.append(name)
        self.take(")")
        return found

    def function(self) -> None:
        self.take("function")
        name, parameters, own = self.take(), self.names(), []
        if self.peek() == "local":
            self.take()
            own = self.names()
        self.effect.functions[name] = (parameters, own, self.group())

    def group(self) -> Any:
        self.take("(")
        items = []
        while self.peek() != ")":
            if self.peek() == ";":
                self.take()
            else:
                items.append(self.expression())
        self.take(")")
        return ("block", items)

    def expression(self) -> Any:
        left = self.either()
        if self.peek() == "=":
            self.take()
            return ("set", left, self.expression())
        if self.peek() == "?":
            self.take()
            yes = self.expression()
            self.take(":")
            return ("if", left, yes, self.expression())
        return left

    def chain(self, operators: tuple[str, ...], below: Any) -> Any:
        left = below()
        while self.peek() in operators:
            left = (self.take(), left, below())
        return left

    def either(self) -> Any:
        return self.chain(("||",), self.compared)

    def compared(self) -> Any:
        return self.chain(("<=", ">=", "<", ">", "=="), self.sum)

    def sum(self) -> Any:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Any:
        return self.chain(("*", "/"), self.value)

    def value(self) -> Any:
        token = self.peek()
        if token == "(":
            node = self.group()
        elif token == "-":
            self.take()
            return ("-", ("number", 0.0), self.value())
        elif token[0].isdigit():
            node = ("number", float(self.take()))
        elif self.peek(1) == "(":
            node = self.called()
        else:
            node = ("name", self.take())
        while self.peek() == "[":
            self.take()
            index = self.expression()
            self.take("]")
            node = ("at", node, index)
        return node

    def called(self) -> Any:
        name = self.take()
        self.take("(")
        arguments: list[Any] = []
        while self.peek() != ")":
            items = []
            while self.peek() not in (",", ")"):
                if self.peek() == ";":
                    self.take()
                else:
                    items.append(self.expression())
            arguments.append(items[0] if len(items) == 1 else ("block", items))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return ("call", name, arguments)
