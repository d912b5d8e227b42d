"""A real Dovecot on a port of loopback: one account, mail in a Maildir, no root needed."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from imaplib import IMAP4
from pathlib import Path

from e2e.processes import free_port, until
from e2e.standins import absent

USER, PASSWORD = "kim", "imap-s3cret"
_NOBODY = "nobody"
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
imap_capability = {capability}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
"""


@dataclass
class Dovecot:
    """The server; `idle` says whether it has IDLE."""

    idle: bool = True
    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="dovecot-")))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{USER}@127.0.0.1:{self.port}/INBOX"

    def start(self) -> None:
        binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
        if binary is None:
            absent("Dovecot is not installed: apt-get install dovecot-imapd")
        root = os.geteuid() == 0
        user = _NOBODY if root else getpass.getuser()
        group = _group(user)
        config = self.folder / "dovecot.conf"
        capability = "" if self.idle else "IMAP4rev1 UIDPLUS LITERAL+"
        config.write_text(
            _CONFIGURATION.format(
                folder=self.folder, port=self.port, user=user, group=group, capability=capability
            )
        )
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        if root:
            shutil.chown(self.folder, user, group)
            shutil.chown(self.folder / "users", user, group)
        other = {"user": user, "group": group, "extra_groups": []} if root else {}
        self._process = subprocess.Popen(  # type: ignore[call-overload]
            [binary, "-F", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **other,
        )
        until(self._answers, "Dovecot answers", seconds=10)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        found = self.folder / "log"
        return found.read_text() if found.exists() else ""

    def deliver(self, raw: bytes) -> None:
        """As a mail server does that brings a mail."""
        with self._logged_in() as imap:
            assert imap.append("INBOX", "", "", raw)[0] == "OK"

    def unseen(self) -> int:
        with self._logged_in() as imap:
            imap.select("INBOX", readonly=True)
            return len(imap.search(None, "UNSEEN")[1][0].split())

    def _logged_in(self) -> IMAP4:
        imap = IMAP4("127.0.0.1", self.port, timeout=10)
        imap.login(USER, PASSWORD)
        return imap

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log()
        try:
            with closing(socket.create_connection(("127.0.0.1", self.port), 1)) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            time.sleep(0.02)
            return False


def _group(user: str) -> str:
    import grp  # noqa: PLC0415  # no such module on Windows
    import pwd  # noqa: PLC0415

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
