from __future__ import annotations

import smtplib
import socket
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from unit.bot.mailroom.letters import RAW

from bot.errors import ConfigurationError
from bot.mailroom.ways import LOOPBACK_DOOR, described, open_ways, providers
from bot.settings import Settings

if TYPE_CHECKING:
    from conftest import Room


def settings(**chosen: Any) -> Settings:
    named = {
        name: SecretStr(value) if "password" in name else value for name, value in chosen.items()
    }
    nothing = dict.fromkeys(
        ("mail_listen", "imap_url", "mailgun_signing_key", "postmark_login", "sendgrid_login")
    )
    return Settings(_env_file=None).model_copy(update={**nothing, "ses_topic": None, **named})


def taken(stack: ExitStack) -> int:
    """A port that somebody else listens on."""
    other = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    port: int = other.getsockname()[1]
    return port


def test_nothing_is_open_unless_it_is_asked_for(room: Room) -> None:
    assert open_ways(settings(), room.mailroom) == []
    assert open_ways(settings(mail_listen="off"), room.mailroom, by_default=True) == []
    assert providers(settings()) == []
    assert "by Slack alone" in described(settings())


def test_the_listener_of_a_first_run_takes_mail_on_any_port_of_the_loopback(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        where = f"127.0.0.1:{taken(stack)}"
        monkeypatch.setattr("bot.mailroom.ways.LOOPBACK_DOOR", where)
        (way,) = open_ways(settings(), room.mailroom, by_default=True)
        way.start()
        stack.callback(way.stop)
        host, _, port = way.where.removeprefix("smtp://").rpartition(":")
        assert host == "127.0.0.1" == LOOPBACK_DOOR.partition(":")[0]
        assert way.where != f"smtp://{where}"
        with smtplib.SMTP(host, int(port), timeout=10) as smtp:
            smtp.sendmail("kim@shop.test", ["anybody@desk.test"], RAW)
    (row,) = room.kept()
    assert (row.raw, row.via) == (RAW, "smtp")


def test_a_port_that_was_chosen_and_is_taken_is_a_mistake(room: Room) -> None:
    with ExitStack() as stack, pytest.raises(ConfigurationError, match="MAIL_LISTEN"):
        open_ways(settings(mail_listen=f"127.0.0.1:{taken(stack)}"), room.mailroom)


def test_a_mailbox_without_its_password_opens_nothing(room: Room) -> None:
    chosen = settings(imap_url="imaps://kim@mail.test", mail_listen="127.0.0.1:0")
    with pytest.raises(ConfigurationError, match="IMAP_PASSWORD"):
        open_ways(chosen, room.mailroom)


def test_each_provider_is_there_once_its_secret_is_set() -> None:
    login = SecretStr("desk:s3cret")
    chosen = settings(
        mailgun_signing_key=SecretStr("key"),
        postmark_login=login,
        sendgrid_login=login,
        ses_topic="arn:aws:sns:eu-west-1:1:t",
        mail_listen="10.0.0.5:2525",
        mail_addresses="support@desk.test, help@desk.test",
    )
    names = [one.name for one in providers(chosen)]
    assert names == ["mailgun", "postmark", "sendgrid", "ses"]
    told = described(chosen)
    assert all(f"/mail/{name}" in told for name in names)
    assert "smtp://10.0.0.5:2525" in told
    assert "s3cret" not in told


@pytest.mark.parametrize("name", ["postmark_login", "sendgrid_login"])
def test_a_login_that_is_none_is_a_mistake_that_names_the_setting(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name.upper()) as wrong:
        providers(settings(**{name: SecretStr("s3cret")}))
    assert "s3cret" not in str(wrong.value)
