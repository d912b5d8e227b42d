"""The baseline of acknowledgement: the desk's own web server and Bolt app, and nothing is kept.

Run as: python -m benchmarks.forgetful   (with the environment of `supportbot run`)
"""

import signal
import threading

from slack_sdk import WebClient

from bot.logs import configure
from bot.messages import InboundMessage, ThreadRef
from bot.metrics import Metrics
from bot.policy import PolicyFile
from bot.ports import Receipt
from bot.serving import WebServer, listen
from bot.settings import Settings
from bot.slack.listeners import Intake, build_app
from bot.web import create_web


class ForgetfulInbox:
    """The part of an inbox that intake asks; it keeps nothing."""

    def receive(self, _message: InboundMessage) -> Receipt:
        """Say that it was kept."""
        return Receipt.NEW

    def takes_part(self, _thread: ThreadRef) -> bool:
        """Take part in no thread."""
        return False


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings()
    configure(settings)
    assert settings.slack_bot_token
    assert settings.slack_signing_secret
    assert settings.policy
    app = build_app(
        WebClient(
            token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url
        ),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        intake=Intake(
            ForgetfulInbox(),
            PolicyFile(settings.policy),
            on_received=lambda: None,
            on_withdrawn=lambda: None,
        ),
    )
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    web = create_web(app=app, metrics=Metrics(), readiness=dict)
    server = WebServer(web, listen("127.0.0.1", 0))
    server.start()
    print(f"Taking Slack events by http://127.0.0.1:{server.port}/slack/events.", flush=True)
    stopped.wait()
    server.stop()


if __name__ == "__main__":
    main()
