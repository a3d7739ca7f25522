"""The fenced blocks of a page, and what is to be done with each.

A block's info string is its language and `name="value"` pairs:

    sh, console     commands, run in order; of `console`, the lines after `$`
    python          run, unless it has a title
    title="a/b.py"  the text of a file, written where it says
    skip="why"      commands that cannot be run here, and why
    needs="rows"    commands that read benchmark rows which are not a part of the project
    shows="text"    what must be seen in the output
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

COMMANDS, SCRIPTS = {"sh", "console"}, {"python"}
OPTION = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    options: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def skip(self) -> str:
        return self.options.get("skip", "")

    @property
    def title(self) -> str:
        return self.options.get("title", "")

    @property
    def commands(self) -> list[str]:
        """The commands of a block, each on one line."""
        if self.language not in COMMANDS:
            return []
        whole = re.sub(r"\\\n\s*", "", self.text)
        lines = [line.strip() for line in whole.splitlines()]
        if self.language == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line and not line.startswith("#")]

    @property
    def is_done(self) -> bool:
        """Whether something is done with it: run, or written."""
        return not self.skip and bool(self.commands or self.title or self.language in SCRIPTS)


def blocks_of(path: Path, root: Path) -> list[Block]:
    """Return the blocks of a page in order, indented ones too, which have no language."""
    found = []
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        if token.type not in {"fence", "code_block"}:
            continue
        language, _, rest = (token.info if token.type == "fence" else "").strip().partition(" ")
        options = dict(OPTION.findall(rest))
        line = (token.map or [0])[0] + 1
        found.append(Block(str(path.relative_to(root)), line, language, token.content, options))
    return found
