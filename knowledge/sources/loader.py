"""Any LangChain document loader, by its dotted path."""

import hashlib
import importlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from knowledge.documents import Audience, Status
from knowledge.errors import SourceUnavailable
from knowledge.sources.dates import day_of, day_of_stamp, today
from knowledge.sources.reading import Document, Found, Reading

if TYPE_CHECKING:
    from langchain_core.documents import Document as Loaded

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WEB = ("https://", "http://")
_LONGEST_ID = 200
_LONGEST_REASON = 300
_Word = TypeVar("_Word", Audience, Status)


@dataclass(frozen=True, slots=True)
class Loader:
    """The loader that `path` names, built with `arguments`.

    `${NAME}` in them is filled from `environment`, so that no secret is written down. Documents of
    one source (the pages of a PDF) are one article; one that nobody dates is as of today.
    """

    path: str
    arguments: Mapping[str, object]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    today: Callable[[], date] = today

    def documents(self) -> Iterator[Found]:
        """Yield each article, in the order of the first of its documents.

        Raises:
            SourceUnavailable: the loader is not installed, wrongly built, or fails.
        """
        parts: dict[str, list[Loaded]] = {}
        for one in self._loaded():
            parts.setdefault(_local_id(one), []).append(one)
        for local_id, ones in parts.items():
            yield self._document(local_id, ones)

    def _loaded(self) -> Iterator["Loaded"]:
        secrets: dict[str, str] = {}
        arguments = self._filled(self.arguments, secrets)
        try:
            for one in self._class()(**arguments).lazy_load():
                if not hasattr(one, "page_content"):
                    raise TypeError(f"yields {type(one).__name__}, no documents")  # noqa: TRY301
                yield one
        except SourceUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  loaders raise whatever their services do
            why = f"{type(error).__name__}: {error}"
            for name in sorted(secrets, key=lambda one: -len(secrets[one])):
                why = why.replace(secrets[name], f"${{{name}}}")
            why = " ".join(why.split())
            missing = error.name if isinstance(error, ModuleNotFoundError) else None
            mend = f"; pip install {_package(missing)}" if missing else ""
            # A traceback would tell the secrets that the message does not.
            raise SourceUnavailable(f"{self.path}: {why[:_LONGEST_REASON]}{mend}") from (
                None if secrets else error
            )

    def _class(self) -> Callable[..., Any]:
        module, _, name = self.path.rpartition(".")
        found: Callable[..., Any] | None = getattr(importlib.import_module(module), name, None)
        if found is None or not hasattr(found, "lazy_load"):
            raise SourceUnavailable(f"{self.path}: {module} has no document loader named {name}")
        return found

    def _filled(self, value: Any, secrets: dict[str, str]) -> Any:  # noqa: ANN401  any argument
        match value:
            case str():
                return _REFERENCE.sub(lambda found: self._secret(found[1], secrets), value)
            case Mapping():
                return {key: self._filled(one, secrets) for key, one in value.items()}
            case list():
                return [self._filled(one, secrets) for one in value]
            case _:
                return value

    def _secret(self, name: str, secrets: dict[str, str]) -> str:
        value = self.environment.get(name)
        if not value:
            raise SourceUnavailable(f"{self.path}: set {name} in the environment; it is unset")
        secrets[name] = value
        return value

    def _document(self, local_id: str, parts: Sequence["Loaded"]) -> Document:
        metadata = parts[0].metadata
        source = _said(metadata, "source") or ""
        file = _file(source)
        said = Reading(
            "\n\n".join(one.page_content.strip("\n") for one in parts),
            _said(metadata, "title"),
            next((one for one in (_said(metadata, "url"), source) if one and _is_web(one)), None),
            day_of(metadata.get("last_modified")),
            _word(Status, metadata.get("status")),
            _word(Audience, metadata.get("audience")),
        )
        return Document(
            local_id,
            source or local_id,
            said,
            file.as_uri() if file else f"urn:{quote(self.path)}:{quote(local_id)}",
            day_of_stamp(file.stat().st_mtime) if file else self.today(),
        )


def _local_id(one: "Loaded") -> str:
    """The id that was given, else the source without its scheme, else a hash of the text."""
    given = _said(one.metadata, "id") or _text(one.id)
    source = (_said(one.metadata, "source") or "").removeprefix(_WEB[0]).removeprefix(_WEB[1])
    known = given or source.strip("/")
    if known and len(known) <= _LONGEST_ID:
        return known
    content = known or one.page_content
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16]


def _said(metadata: Mapping[Any, Any], key: str) -> str | None:
    return _text(metadata.get(key))


def _text(value: object) -> str | None:
    """A text or number in words; None when it says nothing."""
    return (str(value).strip() or None) if isinstance(value, str | int) else None


def _is_web(address: str) -> bool:
    return address.startswith(_WEB) and not any(map(str.isspace, address))


def _word(kind: type[_Word], value: object) -> _Word | None:
    """Other programs have words of their own for a status; theirs mean nothing to us."""
    return next((one for one in kind if one == value), None)


def _file(source: str) -> Path | None:
    try:
        path = Path(source).absolute()
        return path if source and path.is_file() else None
    except (OSError, ValueError):
        return None


def _package(module: str) -> str:
    return module.partition(".")[0].replace("_", "-")
