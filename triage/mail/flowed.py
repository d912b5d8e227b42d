"""format=flowed undone: soft line ends joined, quote marks kept (RFC 3676; total, linear time)."""

from collections.abc import Sequence

MOST_LINES = 5_000  # what stands below is left as it is
_SIGNATURE = "-- "
_DEEPEST = 50
_LONGEST_LABEL = 30


def unflowed(text: str, *, deletes_space: bool = False) -> str:
    """The text with its paragraphs on one line each; `deletes_space` is the parameter DelSp."""
    found: list[tuple[int, list[str]]] = []
    flows = False
    for line in text.split("\n", MOST_LINES):
        depth, words = _line(line)
        if flows and found[-1][0] == depth and words != _SIGNATURE:
            found[-1][1].append(words)
        else:
            found.append((depth, [words]))
        flows = _flows(words)
    return "\n".join(_shown(depth, words, deletes_space) for depth, words in found)


def _line(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")


def _flows(words: str) -> bool:
    """Whether a line goes on below; an empty field of a forwarded header does not."""
    if not words.endswith(" ") or words == _SIGNATURE:
        return False
    return not (words.rstrip().endswith(":") and len(words) < _LONGEST_LABEL)


def _shown(depth: int, pieces: Sequence[str], deletes_space: bool) -> str:  # noqa: FBT001
    soft = [one[:-1] if deletes_space and one.endswith(" ") else one for one in pieces[:-1]]
    words = "".join([*soft, pieces[-1]])
    mark = ">" * min(depth, _DEEPEST)
    return f"{mark} {words}".rstrip(" ") if mark else words
