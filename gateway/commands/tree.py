"""An explanation in both languages: a tree in a terminal, indented lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text
from rich.tree import Tree

from gateway.commands.screen import console, say

Said = tuple[str, str]
"""One sentence in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree in both languages, and what stands under it."""

    said: Said
    below: tuple[Node, ...] = ()
    style: str = ""


def show(root: Node) -> None:
    """The tree, or indented lines where nobody looks at a terminal."""
    screen = console()
    if screen.is_terminal:
        screen.print(_grown(Tree(_text(root)), root))
    else:
        for line in _lines(root, 0):
            say(line)


def _grown(tree: Tree, node: Node) -> Tree:
    for each in node.below:
        _grown(tree.add(_text(each)), each)
    return tree


def _text(node: Node) -> Text:
    zh, en = node.said
    return Text.assemble((zh, node.style), "\n", (en, "dim"))


def _lines(node: Node, depth: int) -> Iterator[str]:
    zh, en = node.said
    yield f"{'   ' * depth}- {zh}"
    yield f"{'   ' * depth}  {en}"
    for each in node.below:
        yield from _lines(each, depth + 1)
