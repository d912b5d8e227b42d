"""Mail is read no worse than it was: needs the public corpora, named by MAIL_CORPORA."""

import os
from pathlib import Path

import pytest
from evals.mails import judged

WRONG = {"reply": 6, "forward, wrapped at 76": 1, "forward, no subject": 3}


def test_the_public_corpora_are_read() -> None:
    folder = os.environ.get("MAIL_CORPORA")
    if not folder:
        pytest.skip("MAIL_CORPORA names no folder")
    faults = {one.name: list(one.wrong) for one in judged(Path(folder))}
    assert {name: wrong for name, wrong in faults.items() if len(wrong) > WRONG.get(name, 0)} == {}
