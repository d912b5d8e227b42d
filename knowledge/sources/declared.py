"""`sources.yaml`: where a desk's articles come from, who may read them, which are answered from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, assert_never

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from knowledge.documents import Audience, SourceName, Status
from knowledge.errors import SourceUnavailable
from knowledge.ports import ArticleSource
from knowledge.sources.folder import Folder
from knowledge.sources.jsonl import JsonLines
from knowledge.sources.loader import Loader
from knowledge.sources.reading import Find
from knowledge.sources.rules import Rule, Terms
from knowledge.sources.site import Site
from knowledge.sources.source import DocumentSource

Template = Annotated[str, StringConstraints(pattern=r"^https?://\S*\{id\}\S*$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@/]+/\S*$")]
DottedPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")]


class _Declared(BaseModel):
    """What every kind of source has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    audience: Audience
    status: Status = Status.PUBLISHED
    rules: tuple[Rule, ...] = ()


class DeclaredFolder(_Declared):
    """Files of a folder."""

    kind: Literal["folder"]
    path: Path
    glob: str = Field("*", min_length=1)
    url: Template | None = None


class DeclaredLines(_Declared):
    """A file of JSON lines."""

    kind: Literal["jsonl"]
    path: Path
    url: Template | None = None


class DeclaredSite(_Declared):
    """A web site."""

    kind: Literal["site"]
    sitemap: Address
    max_pages: int = Field(500, ge=1, le=20_000)
    delay_seconds: float = Field(1.0, ge=0, le=60)
    include: tuple[str, ...] = Field(("*",), min_length=1)


class DeclaredLoader(_Declared):
    """A LangChain document loader."""

    kind: Literal["loader"]
    loader: DottedPath
    arguments: dict[str, Any] = Field(default_factory=dict)
    url: Template | None = None


Declared = DeclaredFolder | DeclaredLines | DeclaredSite | DeclaredLoader


def _unique(declared: tuple[Declared, ...]) -> tuple[Declared, ...]:
    names = [one.name for one in declared]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two sources are named {name}")
    return declared


class SourcesFile(BaseModel):
    """The file as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: Annotated[
        tuple[Annotated[Declared, Field(discriminator="kind")], ...],
        Field(min_length=1),
        AfterValidator(_unique),
    ]


def read_sources(path: Path) -> list[ArticleSource]:
    """The sources that a file declares, in its order; nothing of theirs is read yet.

    Paths in the file are relative to its folder.

    Raises:
        SourceUnavailable: the file is missing or declares something that cannot be; says what.
    """
    return [_source(one, path.parent) for one in _read(path)]


def watched_paths(path: Path) -> Mapping[SourceName, Path]:
    """Where the sources of a file are, by name, those that are folders and files.

    Raises:
        SourceUnavailable: as for `read_sources`.
    """
    return {
        SourceName(one.name): path.parent / one.path
        for one in _read(path)
        if isinstance(one, DeclaredFolder | DeclaredLines)
    }


def _read(path: Path) -> tuple[Declared, ...]:
    try:
        given = yaml.safe_load(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SourceUnavailable(f"{path}: {error.strerror}; name a file of sources") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceUnavailable(f"{path}: {_yaml_problem(error)}") from error
    try:
        return SourcesFile.model_validate(given).sources
    except ValidationError as error:
        raise SourceUnavailable(f"{path}: {_problem(error, given)}") from None


def _source(declared: Declared, home: Path) -> DocumentSource:
    terms = Terms(
        declared.audience, declared.status, declared.rules, getattr(declared, "url", None)
    )
    return DocumentSource(
        SourceName(declared.name), _find(declared, home), terms=terms, prefix=f"{declared.name}/"
    )


def _find(declared: Declared, home: Path) -> Find:
    match declared:
        case DeclaredFolder():
            return Folder(home / declared.path, declared.path, declared.glob).documents
        case DeclaredLines():
            return JsonLines(home / declared.path, declared.path).documents
        case DeclaredSite():
            return Site(
                declared.sitemap, declared.max_pages, declared.delay_seconds, declared.include
            ).documents
        case DeclaredLoader():
            return Loader(declared.loader, declared.arguments).documents
        case _:
            assert_never(declared)


def _yaml_problem(error: Exception) -> str:
    """Where the YAML ends to be any; not its text, which may hold what should not be shown."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return f"no YAML ({type(error).__name__})"


def _problem(error: ValidationError, given: Any) -> str:  # noqa: ANN401  YAML is anything
    """The first mistake: which source, which key, what is wrong."""
    first = error.errors(include_url=False, include_input=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    if first["type"].startswith("union_tag"):
        said = "kind: one of folder, jsonl, site, loader"
    match first["loc"]:
        case ("sources", int(n), *rest):
            name = (
                given["sources"][n].get("name") if isinstance(given["sources"][n], dict) else None
            )
            # The kind comes first among the rest: it chose the model.
            where = [f"source {name or n + 1}", ".".join(map(str, rest[1:]))]
        case loc:
            where = [".".join(map(str, loc))]
    return ": ".join([*filter(None, where), said])
