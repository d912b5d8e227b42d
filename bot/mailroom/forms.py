"""HTML forms as bytes: a mail inside one is not always UTF-8."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from bot.mailroom.provider import Delivery, Refused

MOST_FIELDS = 200
_LARGEST = 64 * 1024 * 1024


def fields(delivery: Delivery) -> Mapping[str, bytes]:
    """The fields of a form by their names; of files only the content, of twins the first.

    Raises:
        Refused: it is no form.
    """
    kind, options = parse_options_header(delivery.headers.get("content-type", ""))
    if kind == b"application/x-www-form-urlencoded":
        return _urlencoded(delivery.body)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Refused(400, "no form")
    found: dict[str, bytes] = {}

    def on_field(field: Field) -> None:
        found.setdefault(_name(field.field_name), field.value or b"")

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        found.setdefault(_name(file.field_name), file.file_object.read())

    limits: dict[Any, Any] = {
        "MAX_FIELDS": MOST_FIELDS,
        "MAX_MEMORY_FILE_SIZE": _LARGEST,
        "MAX_BODY_SIZE": _LARGEST,
    }
    parser = FormParser("multipart/form-data", on_field, on_file, boundary=boundary, config=limits)
    try:
        parser.write(delivery.body)
        parser.finalize()
    except (FormParserError, MultipartParseError, ValueError) as error:
        raise Refused(400, f"no form: {type(error).__name__}") from None
    finally:
        parser.close()
    return found


def text(value: bytes | None) -> str:
    """A field of words."""
    return (value or b"").decode("utf-8", "replace")


def _urlencoded(body: bytes) -> Mapping[str, bytes]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise Refused(400, "too many fields") from error
    return {name: value.encode("latin-1") for name, value in reversed(pairs)}


def _name(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "replace")
