"""JSON as the standard has it: no NaN, no Infinity; and answers any browser can read (pure)."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import JSONResponse


def parse(raw: str | bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the value of a JSON text.

    Raises:
        ValueError: it is not JSON, has a number too large for a float, or is nested too deeply.
    """
    try:
        return json.loads(raw, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc


class JsonAnswer(JSONResponse):
    """A JSON answer in ASCII, so that half a surrogate pair in a message breaks nothing."""

    def render(self, content: object) -> bytes:
        """Return the body."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
