"""HTML of a mail → the text that its reader sees, line by line (total, linear time)."""

import re
from dataclasses import dataclass, field

from triage.mail.charsets import lined
from triage.mail.pages import Page
from triage.mail.styles import Look, Style, classes_of, style_of
from triage.mail.tags import Tag, tokens

MOST_HTML = 4_000_000
_VOID = {"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source"}
_VOID |= {"track", "wbr", "param"}
_LOOSE = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"}
_BLOCKS = _LOOSE | {"div", "li", "tr", "td", "th", "center", "section", "article", "header"}
_BLOCKS |= {"footer", "main", "aside", "nav", "figure", "figcaption", "address", "form", "dt"}
_BLOCKS |= {"dd", "fieldset", "caption", "thead", "tbody", "tfoot", "body", "html", "details"}
_BLOCKS |= {"summary", "option"}
_UNSEEN = {"template", "select", "datalist", "audio", "video", "canvas", "map", "object", "svg"}
_CELLS = {"td", "th", "tr"}
_SCOPED = _CELLS | {"table", "blockquote"}
_REMEMBERED = _BLOCKS | _UNSEEN | {"a"}
_CLOSES = {"li": {"li"}, "td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}}
_CLOSES |= {"dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option"}}
_TIGHT = re.compile(r"margin(?:-top|-bottom)?\s*+:\s*+0|mso-style", re.IGNORECASE)
_WORD_RULE = re.compile(r"border\s*+:\s*+none\s*+;\s*+border-top\s*+:\s*+solid", re.IGNORECASE)
_KEPT_SPACE = re.compile(r"white-space\s*+:\s*+(?:pre|break-spaces)", re.IGNORECASE)
_INDENTED = re.compile(r"border(?:-left)?\s*+:\s*+(?:none|0|medium none)", re.IGNORECASE)
_PADDING = re.compile(
    "[\u200b\u034f\ufeff\u00ad]|(?:^|(?<=\\s))[\u200c\u200d\u2007-\u200a]++(?=\\s|$)"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_PIXEL = {"0", "1", "2", "0px", "1px", "2px"}


def text_of_html(html: str) -> str:
    """What a reader sees: lines of quotes begin with `> `, entries of lists with `- `.

    Rows of tables are lines with ` | ` between their cells, links have their address behind them,
    a rule is a line of underscores. What style or size hides is left out, and so is everything
    after the first four million characters.
    """
    walker = _Walker()
    for token in tokens(html[:MOST_HTML]):
        walker.take(token)
    return _BLANK_LINES.sub("\n\n", lined(walker.page.text())).strip("\n")


@dataclass(slots=True)
class _Element:
    name: str
    look: Look
    preformatted: bool
    quotes: bool = False
    loose: bool = False
    lists: bool = False
    table: bool = False
    scope: bool = False


@dataclass(slots=True)
class _Walker:
    """The elements around the place that is read, from the outermost to the innermost."""

    page: Page = field(default_factory=Page)
    _open: list[_Element] = field(default_factory=lambda: [_Element("", Look(), False)])  # noqa: FBT003
    _scopes: list[dict[str, int]] = field(default_factory=lambda: [{}])
    _ever: dict[str, int] = field(default_factory=dict)
    _classes: dict[str, Style] = field(default_factory=dict)

    def take(self, token: Tag | str) -> None:
        if isinstance(token, str):
            if not self._open[-1].look.hidden:
                words = token if token.isascii() else _PADDING.sub("", token)
                self.page.write(words, preformatted=self._open[-1].preformatted)
        elif token.ends:
            self._end(token.name)
        elif token.inside:
            if token.name == "style":
                self._classes = classes_of(token.inside, self._classes)
        elif token.name in _VOID:
            self._void(token)
        else:
            self._start(token)

    def _void(self, tag: Tag) -> None:
        style = style_of(tag.attributes, self._classes)
        if self._open[-1].look.within(style).gone:
            return
        if tag.name == "br":
            self.page.end_line()
        elif tag.name == "hr":
            self.page.rule()
        elif tag.name == "img":
            self._image(tag)

    def _image(self, tag: Tag) -> None:
        sizes = {tag.attributes.get("width", ""), tag.attributes.get("height", "")}
        alt = tag.attributes.get("alt", "").strip()
        if alt and not sizes & _PIXEL and not self._open[-1].look.gone:
            self.page.write(alt)

    def _start(self, tag: Tag) -> None:
        self._close_implied(tag.name)
        attributes = tag.attributes
        around = self._open[-1]
        look = around.look.within(style_of(attributes, self._classes))
        if tag.name in _UNSEEN:
            look = look.within(Style(gone=True))
        css = attributes.get("style", "") if attributes else ""
        if look is around.look and not css and self._changes_nothing(tag.name):
            return
        kept = tag.name == "pre" or bool(css and _KEPT_SPACE.search(css))
        element = _Element(tag.name, look, around.preformatted or kept)
        self._open.append(element)
        scope = self._scopes[-1]
        scope[tag.name] = scope.get(tag.name, 0) + 1
        if tag.name in _SCOPED:
            self._enter(element)
        if not look.gone:
            self._begin(element, tag, css)

    def _begin(self, element: _Element, tag: Tag, css: str) -> None:
        name = element.name
        if name == "a":
            self.page.begin_link(tag.attributes.get("href", ""))
        elif name in {"td", "th"}:
            self.page.begin_cell()
        elif name == "tr":
            self.page.begin_row()
        elif name in _BLOCKS:
            element.loose = name in _LOOSE and not _is_tight(tag, css)
            element.quotes = name == "blockquote" and not _is_indent(tag, css)
            self._begin_block(element, tag, css)

    def _begin_block(self, element: _Element, tag: Tag, css: str) -> None:
        self.page.begin_block(loose=element.loose)
        if element.quotes:
            self.page.begin_quote()
        if element.name in {"ul", "ol"}:
            element.lists = True
            self.page.begin_list(numbered=element.name == "ol")
        elif element.name == "li":
            self.page.bullet()
        elif element.name == "table":
            element.table = True
            self.page.begin_table(headers="headers-table" in tag.attributes.get("class", ""))
        elif css and element.name == "div" and _WORD_RULE.search(css):
            self.page.rule()

    def _close_implied(self, name: str) -> None:
        """A paragraph ends where a block begins, an entry where the next one does."""
        if name not in _BLOCKS:
            return
        top = self._open[-1].name
        if top == "p":
            self._pop()
            top = self._open[-1].name
        closes = _CLOSES.get(name, ())
        while top in closes:
            self._pop()
            top = self._open[-1].name

    def _end(self, name: str) -> None:
        if name == "p" and not self._scopes[-1].get("p"):
            self.page.begin_block(loose=True)
            return
        counted = self._ever if name in _SCOPED else self._scopes[-1]
        if not counted.get(name):
            return
        while self._open[-1].name != name:
            self._pop()
        self._pop()

    def _changes_nothing(self, name: str) -> bool:
        """Whether it need not be remembered: plain, and no end tag could be taken for its own."""
        if name in _CELLS and not self._ever.get("table"):
            return True
        return name not in _REMEMBERED and not self._scopes[-1].get(name)

    def _enter(self, element: _Element) -> None:
        self._ever[element.name] = self._ever.get(element.name, 0) + 1
        if element.name != "tr":
            element.scope = True
            self._scopes.append({})

    def _pop(self) -> None:
        element = self._open.pop()
        if element.scope:
            self._scopes.pop()
        self._scopes[-1][element.name] -= 1
        if element.name in _SCOPED:
            self._ever[element.name] -= 1
        if not element.look.gone:
            self._finish(element)

    def _finish(self, element: _Element) -> None:
        name = element.name
        if name == "a":
            self.page.end_link()
        elif name in {"td", "th"}:
            self.page.end_cell()
        elif name == "tr":
            self.page.end_row()
        elif name in _BLOCKS:
            self.page.end_line_if_begun()
            if element.quotes:
                self.page.end_quote()
            if element.lists:
                self.page.end_list()
            if element.table:
                self.page.end_table()
            self.page.begin_block(loose=element.loose)


def _is_tight(tag: Tag, css: str) -> bool:
    """Whether a paragraph has no blank lines around it: Word's paragraphs stand close."""
    return tag.name == "p" and (
        "msonormal" in tag.attributes.get("class", "").lower() or bool(_TIGHT.search(css))
    )


def _is_indent(tag: Tag, css: str) -> bool:
    """Whether a quote only moves text to the right, as the button of Gmail and Outlook does."""
    attributes = tag.attributes
    cited = attributes.get("type", "").lower() == "cite" or "quote" in attributes.get("class", "")
    return not cited and bool(_INDENTED.search(css))
