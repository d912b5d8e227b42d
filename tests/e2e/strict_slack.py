"""The playground as a process of its own: a Slack that survives the desk.

Run as
    python strict_slack.py PORT REQUEST_URL
"""

import sys

import uvicorn

from bot.playground import PlaygroundConfig, create_app

RETRY_DELAYS = (0.5, 2.0, 20.0)  # seconds; the last one outwaits the slow start of a desk
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test", "xapp-test", "s3cret"


def main(port: int, request_url: str) -> None:
    config = PlaygroundConfig(
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SECRET,
        base_url=f"http://127.0.0.1:{port}",
        request_url=request_url or None,
        retry_delays=RETRY_DELAYS,
    )
    uvicorn.run(create_app(config), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
