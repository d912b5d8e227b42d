"""The names that LangChain's parts go by in settings: `NAME`, or `NAME?{JSON arguments}`."""

import json
import re
from typing import Any

_TOLD = re.compile(r"pip install (?:-+\S+ )*`?([A-Za-z][\w.-]*\w)")


def split_arguments(name: str) -> tuple[str, dict[str, Any]]:
    """`'a:b?{"c": 1}'` → `("a:b", {"c": 1})`.

    Raises:
        ValueError: what follows the question mark is no JSON object; the message does not repeat
            it, since it may hold a key.
    """
    plain, mark, arguments = name.partition("?")
    if not mark:
        return plain.strip(), {}
    try:
        return plain.strip(), dict(json.loads(arguments))
    except (TypeError, ValueError, RecursionError) as error:
        example = f'{plain}?{{"key": 1}}'
        raise ValueError(f"what follows {plain}? must be a JSON object, as in {example}") from error


def missing_package(error: ImportError) -> str:
    """What to install: as the error says, or as the module is called."""
    told = _TOLD.search(str(error))
    return told[1] if told else (error.name or "").partition(".")[0].replace("_", "-")
