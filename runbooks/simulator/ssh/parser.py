"""Command lines to syntax trees: one recursive descent over the characters, as the shell's own grammar is written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from runbooks.simulator.ssh.syntax import (
    AndOr,
    Command,
    Group,
    Part,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Substitution,
    Text,
    Variable,
    Word,
)

_OPERATOR = re.compile(r"&&|\|\||;;|>>|<<|>&|<&|[;&|<>()\n]")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_REDIRECT = re.compile(r"(\d*)(>>|>&|<&|<<|>|<)")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_UNSUPPORTED = frozenset(
    ("if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function")
)
_META = frozenset(" \t\n;&|<>()")
_DEEPEST = 50
"""Groups and substitutions inside each other."""


def parse(line: str) -> Script:
    """The syntax tree of `line`. Raises ShellSyntaxError."""
    parser = _Parser(line)
    script = parser.script(until="")
    if not parser.at_end():
        raise ShellSyntaxError(parser.operator() or parser.text[parser.at])
    return script


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def operator(self) -> str:
        """The operator that stands here, "" if none does."""
        found = _OPERATOR.match(self.text, self.at)
        return found[0] if found else ""

    def blanks(self, *, newlines: bool = False) -> None:
        while not self.at_end():
            if self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.peek() in (" \t\n" if newlines else " \t"):
                self.at += 1
            elif self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def script(self, until: str) -> Script:
        """Lists up to `until` (")", "}" or, for "", the end), which stays unread."""
        items: list[AndOr] = []
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ShellSyntaxError(self.peek())
        self.blanks(newlines=True)
        while not self.at_end() and not self.closes(until):
            items.append(self.and_or())
            self.blanks()
            if self.operator() in (";", "\n", "&"):
                if self.operator() == "&":
                    items[-1] = replace(items[-1], background=True)
                self.at += 1
                self.blanks(newlines=True)
            elif self.at_end() or self.closes(until):
                break
            else:
                raise ShellSyntaxError(self.operator() or self.peek())
        self.depth -= 1
        return Script(tuple(items))

    def closes(self, until: str) -> bool:
        return bool(until) and self.peek() == until

    def and_or(self) -> AndOr:
        first = self.pipeline()
        rest: list[tuple[Literal["&&", "||"], Pipeline]] = []
        while True:
            self.blanks()
            operator: Literal["&&", "||"]
            if self.operator() == "&&":
                operator = "&&"
            elif self.operator() == "||":
                operator = "||"
            else:
                return AndOr(first, tuple(rest))
            self.at += 2
            self.blanks(newlines=True)
            rest.append((operator, self.pipeline()))

    def pipeline(self) -> Pipeline:
        self.blanks()
        negated = re.compile(r"!(?=\s)").match(self.text, self.at) is not None
        if negated:
            self.at += 1
        commands = [self.command()]
        while True:
            self.blanks()
            if self.operator() != "|":
                return Pipeline(tuple(commands), negated)
            self.at += 1
            self.blanks(newlines=True)
            commands.append(self.command())

    def command(self) -> Command:
        self.blanks()
        if self.at_end():
            raise ShellSyntaxError("")
        if self.peek() == "(":
            return self.group(")")
        if re.compile(r"\{\s").match(self.text, self.at):
            return self.group("}")
        return self.simple()

    def group(self, closing: str) -> Group:
        self.at += 1
        body = self.script(until=closing)
        if self.peek() != closing:
            raise ShellSyntaxError("", expecting=closing)
        if not body.items:
            raise ShellSyntaxError(closing)
        self.at += 1
        redirects: list[Redirect] = []
        while True:
            self.blanks()
            redirect = self.redirect()
            if redirect is None:
                return Group(body, closing == ")", tuple(redirects))
            redirects.append(redirect)

    def simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self.blanks()
            redirect = self.redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            if self.at_end() or self.operator():
                break
            named = None if words else _ASSIGNMENT.match(self.text, self.at)
            if named:
                self.at = named.end()
                assignments.append((named[1], self.word()))
                continue
            word = self.word()
            if not words and (keyword := word.literal()) in _UNSUPPORTED:
                raise ShellSyntaxError(keyword or "")
            words.append(word)
        if not (words or assignments or redirects):
            raise ShellSyntaxError("newline" if self.operator() == "\n" else self.operator())
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def redirect(self) -> Redirect | None:
        found = _REDIRECT.match(self.text, self.at)
        if found is None:
            return None
        number, operator = found.groups()
        if operator == "<<":
            raise ShellSyntaxError("<<")
        fd = int(number) if number else (0 if operator.startswith("<") else 1)
        self.at = found.end()
        self.blanks()
        if self.at_end() or self.operator():
            raise ShellSyntaxError(self.operator().replace("\n", "newline") or "newline")
        target = self.word()
        if operator in (">&", "<&"):
            copied = target.literal() or ""
            if not copied.isdigit() and copied != "-":
                raise ShellSyntaxError(copied or operator)
            return Redirect(fd, "<" if operator == "<&" else ">", copy=-1 if copied == "-" else int(copied))
        return Redirect(fd, ">>" if operator == ">>" else ">" if operator == ">" else "<", target)

    def word(self) -> Word:
        parts: list[Part] = []
        plain: list[str] = []

        def flush() -> None:
            if plain:
                parts.append(Text("".join(plain)))
                plain.clear()

        while not self.at_end() and self.peek() not in _META:
            char = self.peek()
            if char == "'":
                flush()
                parts.append(self.single_quoted())
            elif char == '"':
                flush()
                parts.extend(self.double_quoted())
            elif char == "\\":
                flush()
                if self.text.startswith("\\\n", self.at):
                    self.at += 2
                else:
                    parts.append(Text(self.text[self.at + 1 : self.at + 2], quoted=True))
                    self.at += 2
            elif char == "$" and (part := self.dollar(quoted=False)) is not None:
                flush()
                parts.append(part)
            elif char == "`":
                raise ShellSyntaxError("`")
            else:
                plain.append(char)
                self.at += 1
        flush()
        return Word(tuple(parts))

    def single_quoted(self) -> Text:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise ShellSyntaxError("", quote="'")
        value = self.text[self.at + 1 : end]
        self.at = end + 1
        return Text(value, quoted=True)

    def double_quoted(self) -> list[Part]:
        parts: list[Part] = []
        plain: list[str] = []
        self.at += 1
        while True:
            if self.at_end():
                raise ShellSyntaxError("", quote='"')
            char = self.peek()
            if char == '"':
                self.at += 1
                return [*parts, Text("".join(plain), quoted=True)]
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                plain.append(self.text[self.at + 1].replace("\n", ""))
                self.at += 2
            elif char == "$" and (part := self.dollar(quoted=True)) is not None:
                parts += [Text("".join(plain), quoted=True), part]
                plain.clear()
            else:
                plain.append(char)
                self.at += 1

    def dollar(self, *, quoted: bool) -> Part | None:
        """What the `$` here begins; None when it stands for itself."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "(":
            self.at += 2
            body = self.script(until=")")
            if self.peek() != ")":
                raise ShellSyntaxError("", expecting=")")
            self.at += 1
            return Substitution(body, quoted)
        if following and following in "?$#!@":
            self.at += 2
            return Variable(following, quoted)
        if following == "{":
            found = re.compile(r"\{(#?)([A-Za-z_]\w*|\?)\}", re.ASCII).match(self.text, self.at + 1)
            if found is None:
                raise ShellSyntaxError("${")
            self.at = found.end()
            return Variable(found[2], quoted, length=bool(found[1]))
        name = _NAME.match(self.text, self.at + 1)
        if name is None:
            return None
        self.at = name.end()
        return Variable(name[0], quoted)
