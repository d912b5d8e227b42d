"""Lines as they come out of a page: quotes, lists, tables, links (linear time)."""

import re
from dataclasses import dataclass, field

RULE = "_" * 32
DEEPEST_QUOTE, DEEPEST_LIST, DEEPEST_TABLE = 16, 8, 10
_FOLLOWED = ("http://", "https://", "ftp://")
_BARE = re.compile(r"^(?:https?|ftp)://(?:www\.)?|^www\.|/$", re.IGNORECASE)
_BLANKS = " \t\r\n\f"


@dataclass(slots=True)
class _Table:
    """A table being read: the lines of each cell of the row that is open."""

    headers: bool
    row: list[list[str]] = field(default_factory=list)
    deep: bool = False


@dataclass(slots=True)
class _Sheet:
    """Lines of the page, or of one cell; quotes count from the cell's own."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    quoted: int = 0
    gap: bool = False
    kept: bool = False
    prefix: str = ""
    lists: list[int | None] = field(default_factory=list)


class Page:
    """Takes words and blocks in their order; `text` is what stands there in the end."""

    def __init__(self) -> None:
        self._sheets = [_Sheet()]
        self._tables: list[_Table] = []
        self._cells: list[bool] = []
        self._link: tuple[str, _Sheet, int, int] | None = None

    def text(self) -> str:
        """All lines so far, cells and rows left open included."""
        while self._tables or self._cells:
            if self._cells:
                self.end_cell()
            else:
                self.end_row()
                self.end_table()
        self.end_line_if_begun()
        return "\n".join(self._sheets[-1].lines)

    def write(self, words: str, *, preformatted: bool = False) -> None:
        """Words of the current line; where the page keeps line ends, of several."""
        sheet = self._sheets[-1]
        if not preformatted:
            if sheet.line or words.strip(_BLANKS):
                sheet.line.append(words)
            return
        first, *rest = words.replace("\r\n", "\n").split("\n")
        sheet.kept = True
        sheet.line.append(first)
        for one in rest:
            self.end_line()
            sheet.kept = True
            sheet.line.append(one)
        if not sheet.line[-1]:
            sheet.line.pop()

    def end_line(self) -> None:
        """End the current line, also where it is empty."""
        sheet = self._sheets[-1]
        if sheet.gap and (sheet.line or sheet.prefix):
            self._close_gap()
        written = "".join(sheet.line)
        words = written.rstrip() if sheet.kept else " ".join(written.split())
        self._put(sheet.prefix + words)
        sheet.line, sheet.prefix, sheet.kept = [], "", False

    def end_line_if_begun(self) -> None:
        """End the current line where it holds anything."""
        if self._sheets[-1].line:
            self.end_line()

    def begin_block(self, *, loose: bool) -> None:
        """What follows stands on a line of its own, after a blank one where `loose`."""
        sheet = self._sheets[-1]
        if sheet.line:
            self.end_line()
        if loose and sheet.lines and not sheet.prefix:
            sheet.gap = True

    def rule(self) -> None:
        """A line across the page."""
        self.begin_block(loose=False)
        sheet = self._sheets[-1]
        if not sheet.lines or not sheet.lines[-1].endswith(RULE):
            sheet.line.append(RULE)
            self.end_line()

    def begin_quote(self) -> None:
        """What follows is quoted once more."""
        self._close_gap()
        self._sheets[-1].quoted += 1

    def end_quote(self) -> None:
        """What follows is quoted once less."""
        self._sheets[-1].quoted = max(0, self._sheets[-1].quoted - 1)

    def begin_list(self, *, numbered: bool) -> None:
        """Entries follow."""
        self._sheets[-1].lists.append(1 if numbered else None)
        self._sheets[-1].gap = self._sheets[-1].gap and len(self._sheets[-1].lists) == 1

    def end_list(self) -> None:
        """The entries of the innermost list end."""
        if self._sheets[-1].lists:
            self._sheets[-1].lists.pop()

    def bullet(self) -> None:
        """The mark of an entry: a dash or its number."""
        sheet = self._sheets[-1]
        number = sheet.lists[-1] if sheet.lists else None
        indent = "  " * min(max(0, len(sheet.lists) - 1), DEEPEST_LIST)
        sheet.prefix = indent + ("- " if number is None else f"{number}. ")
        if number is not None:
            sheet.lists[-1] = number + 1

    def begin_link(self, target: str) -> None:
        """What is written from here on leads somewhere."""
        sheet = self._sheets[-1]
        self._link = (target.strip(), sheet, len(sheet.lines), len(sheet.line))

    def end_link(self) -> None:
        """The address behind the link's words, unless they are the address."""
        if self._link is None:
            return
        target, sheet, lines, pieces = self._link
        self._link = None
        if sheet is not self._sheets[-1] or not target.lower().startswith(_FOLLOWED):
            return
        whole = len(sheet.lines) == lines
        words = "".join(sheet.line[pieces if whole else 0 :]).strip()
        if words and _plain(words) != _plain(target):
            sheet.line.append(f" <{target}>")

    def begin_table(self, *, headers: bool) -> None:
        """Rows follow; `headers` where a mail program lists a mail's headers in them."""
        self._tables.append(_Table(headers, deep=len(self._tables) >= DEEPEST_TABLE))

    def end_table(self) -> None:
        """The innermost table ends."""
        if self._tables:
            self.end_row()
            self._tables.pop()

    def begin_row(self) -> None:
        """A row of the innermost table; outside of tables, a block."""
        if self._tables:
            self.end_row()
        self.begin_block(loose=False)

    def end_row(self) -> None:
        """Write the row's cells: side by side where each is one line, else one below the other."""
        self.begin_block(loose=False)
        if not self._tables or not self._tables[-1].row:
            return
        table = self._tables[-1]
        cells = [cell for cell in table.row if any(cell)]
        table.row = []
        if len(cells) > 1 and all(len(cell) == 1 for cell in cells):
            label = cells[0][0].endswith((":", "\uff1a"))
            tabbed = len(cells) == len("ab") and (table.headers or label)
            cells = [["\t".join(cell[0] for cell in cells)]] if tabbed else _row(cells)
        for cell in cells:
            self._merge(cell)

    def begin_cell(self) -> None:
        """A cell of the innermost table; in tables nested too deep, a block."""
        own = bool(self._tables) and not self._tables[-1].deep
        self._cells.append(own)
        if own:
            self._sheets.append(_Sheet())
        else:
            self.begin_block(loose=False)

    def end_cell(self) -> None:
        """The cell ends; its lines wait for the row."""
        if not self._cells:
            return
        self.end_line_if_begun()
        if self._cells.pop() and len(self._sheets) > 1:
            cell = _trimmed(self._sheets.pop().lines)
            if self._tables:
                self._tables[-1].row.append(cell)
            else:
                self._merge(cell)

    def _merge(self, lines: list[str]) -> None:
        for line in lines:
            self._close_gap()
            self._put(self._sheets[-1].prefix + line)
            self._sheets[-1].prefix = ""

    def _close_gap(self) -> None:
        sheet = self._sheets[-1]
        if sheet.gap and sheet.lines and sheet.lines[-1].strip("> "):
            self._put("")
        sheet.gap = False

    def _put(self, line: str) -> None:
        sheet = self._sheets[-1]
        mark = "> " * min(sheet.quoted, DEEPEST_QUOTE)
        sheet.lines.append((mark + line).rstrip(" ") if mark else line)


def _row(cells: list[list[str]]) -> list[list[str]]:
    return [[" | ".join(cell[0] for cell in cells)]]


def _trimmed(lines: list[str]) -> list[str]:
    first = next((at for at, line in enumerate(lines) if line), len(lines))
    last = next((at for at in range(len(lines), first, -1) if lines[at - 1]), first)
    return lines[first:last]


def _plain(address: str) -> str:
    return _BARE.sub("", "".join(address.split())).lower()
