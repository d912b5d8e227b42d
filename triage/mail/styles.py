"""What CSS hides from the reader of a mail (total, linear time)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

WHITE = "ffffff"
ANY_BACKGROUND = "?"
_GONE = re.compile(
    r"(?<![\w-])(?:mso-hide\s*+:\s*+all|opacity\s*+:\s*+0(?:\.0*+)?+(?![\d.])"
    r"|max-height\s*+:\s*+0(?:\.0*+)?+(?![\d.])|text-indent\s*+:\s*+-\d{4})"
)
_DISPLAY = re.compile(r"(?<![\w-])display\s*+:\s*+([\w-]+)")
_FLAT = re.compile(r"(?<![\w-])(?:height|width)\s*+:\s*+0(?:\.0*+)?+(?![\d.])")
_CUT = re.compile(r"(?<![\w-])overflow\s*+:\s*+hidden")
_VISIBILITY = re.compile(r"(?<![\w-])visibility\s*+:\s*+(\w+)")
_SIZE = re.compile(r"(?<![\w-])font-size\s*+:\s*+([\d.]{1,9})\s*+(px|pt|em|rem|%|)")
_COLOUR = re.compile(r"(?<![\w-])color\s*+:\s*+([^;!]{1,60})")
_BACKGROUND = re.compile(r"(?<![\w-])background(?:-color)?\s*+:\s*+([^;!]{1,200})")
_IMAGE = re.compile(r"(?<![\w-])background-image\s*+:")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\(\s*+(\d{1,3})\s*+,\s*+(\d{1,3})\s*+,\s*+(\d{1,3})")
_UNKNOWN = ("url(", "gradient", "var(", "rgba(")
_NAMES = {"white": WHITE, "black": "000000"}
_CLASS = re.compile(r"[\w*]*\.([\w-]{1,80})")
_BRACES = re.compile(r"([{}])")
_CSS_COMMENT = "/*"
MOST_CSS = 200_000
SMALLEST_POINT = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """What an element says of itself; None where it says nothing and takes after what is around."""

    gone: bool | None = None
    invisible: bool | None = None
    tiny: bool | None = None
    colour: str | None = None
    background: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks at some place of the page."""

    gone: bool = False
    invisible: bool = False
    tiny: bool = False
    colour: str | None = None
    background: str = WHITE

    @property
    def hidden(self) -> bool:
        """Whether nobody sees it; text without a colour of its own is never hidden by colour."""
        return self.gone or self.invisible or self.tiny or self.colour == self.background

    def within(self, style: Style) -> "Look":
        """The look inside an element of that style."""
        if style is _PLAIN or style == _PLAIN:
            return self
        return Look(
            self.gone or bool(style.gone),
            self.invisible if style.invisible is None else style.invisible,
            self.tiny if style.tiny is None else style.tiny,
            style.colour or self.colour,
            style.background or self.background,
        )


_PLAIN = Style()


def style_of(attributes: Mapping[str, str], classes: Mapping[str, Style]) -> Style:
    """The style of an element by its attributes and by the style sheet's classes."""
    if not attributes:
        return _PLAIN
    own = read(attributes.get("style", "")[:4_000].lower())
    named = (classes[one] for one in attributes.get("class", "").split()[:20] if one in classes)
    for one in named:
        own = _merged(own, one)
    if "hidden" in attributes:
        own = _merged(own, Style(gone=True))
    coloured = attributes.get("color"), attributes.get("bgcolor"), attributes.get("background")
    if any(coloured):
        ground = ANY_BACKGROUND if coloured[2] else _colour(coloured[1] or "")
        own = _merged(own, Style(colour=_colour(coloured[0] or ""), background=ground))
    return own


def classes_of(sheet: str, known: Mapping[str, Style]) -> dict[str, Style]:
    """The classes of a style sheet that hide, colour or show; rules for some screens left out."""
    found = dict(known)
    for selectors, rules in _rules(sheet[:MOST_CSS]):
        style = read(rules[:4_000].lower())
        if style == _PLAIN:
            continue
        for selector in selectors[:4_000].split(","):
            name = _CLASS.fullmatch(selector.strip())
            if name:
                found[name[1]] = _merged(style, found.get(name[1], _PLAIN))
    return found


@lru_cache(maxsize=2_048)
def read(css: str) -> Style:
    """What declarations in lower case say."""
    if not css:
        return _PLAIN
    visibility, size = _VISIBILITY.search(css), _SIZE.search(css)
    colour, ground = _COLOUR.search(css), _BACKGROUND.search(css)
    return Style(
        gone=_gone(css),
        invisible=visibility[1] in {"hidden", "collapse"} if visibility else None,
        tiny=_is_tiny(size[1], size[2]) if size else None,
        colour=_colour(colour[1]) if colour else None,
        background=ANY_BACKGROUND if _IMAGE.search(css) else _ground(ground),
    )


def _gone(css: str) -> bool | None:
    if _GONE.search(css) or (_FLAT.search(css) and _CUT.search(css)):
        return True
    display = _DISPLAY.search(css)
    return display[1] == "none" if display else None


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations on the outermost level: what @media holds is for some only."""
    without = "".join(
        one.partition("*/")[2] if n else one for n, one in enumerate(sheet.split(_CSS_COMMENT))
    )
    depth, before = 0, ""
    held = ""
    for piece in _BRACES.split(without):
        if piece == "{":
            depth += 1
            before = held if depth == 1 else before
        elif piece == "}":
            if depth == 1:
                yield before, held
            depth = max(0, depth - 1)
        else:
            held = piece


def _is_tiny(number: str, unit: str) -> bool:
    try:
        size = float(number)
    except ValueError:
        return False
    return size <= (SMALLEST_POINT if unit in {"px", "pt"} else 0.0)


def _ground(found: re.Match[str] | None) -> str | None:
    if not found:
        return None
    written = found[1]
    if any(one in written for one in _UNKNOWN):
        return ANY_BACKGROUND
    return None if written.strip() in {"none", "transparent", "inherit"} else _colour(written)


def _colour(written: str) -> str | None:
    """Six hexadecimal digits; the words themselves where they name a colour that we do not know."""
    text = written.strip().lower()
    if found := _HEX.search(text):
        return found[1] if len(found[1]) == len(WHITE) else "".join(one * 2 for one in found[1])
    if found := _RGB.search(text):
        return "".join(f"{min(int(one), 255):02x}" for one in found.groups())
    first = text.split(" ", 1)[0]
    return _NAMES.get(first) or (first if first not in {"", "inherit", "initial"} else None)


def _merged(first: Style, second: Style) -> Style:
    """The first, and where it says nothing, the second."""
    return Style(
        second.gone if first.gone is None else first.gone,
        second.invisible if first.invisible is None else first.invisible,
        second.tiny if first.tiny is None else first.tiny,
        first.colour or second.colour,
        first.background or second.background,
    )
