"""What a chat model's failure means, whichever provider it is from.

Integrations raise errors of their own SDKs. What these share is an HTTP status on some link of the
chain of causes, or Python's own time-out or connection error at its end. Only statuses and names of
classes are told: a vendor's text may hold a key or a customer's words.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from langchain_core.exceptions import ModelConnectionError, ModelTimeoutError

from knowledge.errors import GeneratorRefused, GeneratorUnavailable, KnowledgeError

_REFUSALS = {400, 402, 403, 404, 422}
_TIME_OUTS = (TimeoutError, ModelTimeoutError)
_NO_CONNECTION = (ConnectionError, socket.gaierror, ssl.SSLError, ModelConnectionError)


@dataclass(frozen=True, slots=True)
class Subject:
    """How messages name the model, its server, its key and the setting that holds its name."""

    name: str
    where: str
    key: str
    setting: str

    def __str__(self) -> str:
        return f"{self.name} at {self.where}"


@contextmanager
def translated(subject: Subject) -> Iterator[None]:
    """Turn whatever an integration raises into an error of `knowledge`.

    Raises:
        GeneratorRefused: the key, the model's name or the request is not accepted.
        GeneratorUnavailable: anything else.
    """
    try:
        yield
    except KnowledgeError:
        raise
    except Exception as error:  # every SDK has its own
        raise _meaning(error, subject) from error


def _meaning(error: Exception, subject: Subject) -> GeneratorUnavailable:
    links = list(_links(error))
    status = next((found for one in links if (found := _status(one))), None)
    if status is not None:
        return _by_status(status, subject)
    if any(isinstance(one, _TIME_OUTS) for one in links):
        return GeneratorUnavailable(f"{subject} did not answer in time")
    if any(isinstance(one, _NO_CONNECTION) for one in links):
        return GeneratorUnavailable(f"{subject} cannot be reached")
    kind = type(error).__name__
    if isinstance(error, ValueError):  # a stream that is no JSON, or has no parts
        return GeneratorUnavailable(f"{subject} sent what cannot be read ({kind})")
    return GeneratorUnavailable(
        f"{subject} failed ({kind}): if it does so every time, check {subject.key}"
    )


def _by_status(status: int, subject: Subject) -> GeneratorUnavailable:
    if status == 401:  # noqa: PLR2004  HTTP's own
        return GeneratorRefused(
            f"{subject.where} refused {subject.key} (401): check the key, or do without a chat "
            "model to answer with quotations only"
        )
    if status in _REFUSALS:
        return GeneratorRefused(
            f"{subject} refused the request ({status}): check {subject.setting} and what the key "
            "may use"
        )
    return GeneratorUnavailable(f"{subject} failed ({status})")


def _links(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _status(error: BaseException) -> int | None:
    """The HTTP status that an error or its response carries."""
    response = getattr(error, "response", None)
    candidates = [
        getattr(error, "status_code", None),
        getattr(error, "code", None),
        getattr(response, "status_code", None),
    ]
    if isinstance(response, Mapping):  # botocore
        candidates.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    return next((one for one in candidates if isinstance(one, int) and 400 <= one < 600), None)  # noqa: PLR2004
