import socket
import ssl
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.exceptions import ModelConnectionError, ModelTimeoutError

from knowledge.adapters.langchain_failures import Subject, translated
from knowledge.errors import (
    GeneratorRefused,
    GeneratorUnavailable,
    KnowledgeError,
    StoreUnavailable,
)

SUBJECT = Subject("parrot", "home", key="PARROT_KEY", setting="PARROT_MODEL")
REQUEST = httpx.Request("POST", "https://parrot.test/?key=sk-secret")
OVERLOAD = httpx.HTTPStatusError("sk-secret", request=REQUEST, response=httpx.Response(529))
CREDENTIALS = {"ResponseMetadata": {"HTTPStatusCode": 403}, "Error": {"Code": "AccessDenied"}}


class SdkError(Exception):
    """What an integration nobody has heard of raises."""

    def __init__(self, text: str = "a secret of the provider", **carries: Any) -> None:
        super().__init__(text)
        vars(self).update(carries)


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def met(error: Exception, before: BaseException) -> Exception:
    error.__context__ = before
    return error


def translation(error: Exception) -> GeneratorUnavailable:
    with pytest.raises(GeneratorUnavailable) as failed, translated(SUBJECT):
        raise error
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is error
    return failed.value


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SdkError(status_code=401), "home refused PARROT_KEY (401)"),
        (SdkError(code=404), "(404): check PARROT_MODEL"),
        (SdkError(response=SimpleNamespace(status_code=402)), "refused the request (402)"),
        (SdkError(response=CREDENTIALS), "refused the request (403)"),
        (caused(SdkError(), SdkError(code=400)), "refused the request (400)"),
    ],
)
def test_a_status_that_says_no_is_a_refusal_wherever_it_is_carried(
    error: Exception, told: str
) -> None:
    refused = translation(error)
    assert isinstance(refused, GeneratorRefused)
    assert told in str(refused)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SdkError(status_code=429, code="insufficient"), "parrot at home failed (429)"),
        (OVERLOAD, "parrot at home failed (529)"),
        (ModelTimeoutError("secret"), "did not answer in time"),
        (met(httpx.ReadTimeout("secret"), TimeoutError()), "did not answer in time"),
        (ModelConnectionError("secret"), "cannot be reached"),
        (met(httpx.ConnectError("secret"), ConnectionRefusedError()), "cannot be reached"),
        (met(SdkError(), socket.gaierror()), "cannot be reached"),
        (met(SdkError(), ssl.SSLCertVerificationError()), "cannot be reached"),
        (ValueError("secret"), "sent what cannot be read (ValueError)"),
        (SdkError(), "failed (SdkError): if it does so every time, check PARROT_KEY"),
        (SdkError(code=7, status_code=True), "failed (SdkError)"),
        (SdkError(response="secret"), "failed (SdkError)"),
    ],
)
def test_everything_else_may_work_another_time(error: Exception, told: str) -> None:
    unavailable = translation(error)
    assert type(unavailable) is GeneratorUnavailable
    assert told in str(unavailable)


def test_causes_that_go_round_in_a_circle_end() -> None:
    first, second = SdkError(), SdkError()
    first.__cause__, second.__cause__ = second, first
    assert "failed (SdkError)" in str(translation(first))


def test_our_own_errors_pass() -> None:
    with pytest.raises(StoreUnavailable, match="ours"), translated(SUBJECT):
        raise StoreUnavailable("ours")


def test_an_end_that_is_asked_for_is_no_failure() -> None:
    with pytest.raises(KeyboardInterrupt), translated(SUBJECT):
        raise KeyboardInterrupt


@given(
    carries=st.dictionaries(
        st.sampled_from(["status_code", "code", "response"]),
        st.none() | st.integers() | st.text() | st.dictionaries(st.text(), st.integers()),
    )
)
def test_no_error_is_too_odd(carries: dict[str, object]) -> None:
    with pytest.raises(KnowledgeError) as failed, translated(SUBJECT):
        raise SdkError(**carries)
    assert isinstance(failed.value, GeneratorUnavailable)
