"""The playground in a browser: what a first visitor sees and does."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from e2e.playground_page import Page as PageApi
from e2e.processes import Process, rows, until
from e2e.standins import absent
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
BOOTS = "how long do I have to return boots I already wore outside?"
TENT = "how long is the warranty on a Ridgeline tent?"
MAIL = """\
From: Mira Holt <mira@customer.example>
To: help@cairnway.example
Subject: Tent warranty
Message-ID: <browser-1@customer.example>
Content-Type: text/plain; charset="utf-8"

Hello, how long is the warranty on a Ridgeline tent? Mira
"""
Open = Callable[..., tuple[Process, PageApi]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        absent("Chromium is not installed")
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            absent(f"Chromium does not start: {error}")
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def desk(open_playground: Open, new_home: Callable[[], Path]) -> Iterator[tuple[str, Path]]:
    """The address of a playground, and the home of its desk."""
    home = new_home()
    process, page = open_playground(home)
    yield page.url, home
    assert process.interrupt() == 0
    assert "Traceback" not in process.log()


def is_ours(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", None}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor; beyond this machine there is only an empty page."""

    def beyond(route: Route) -> None:
        if is_ours(route.request.url):
            route.continue_()
        else:
            route.fulfill(status=200, content_type="text/html", body="<title>beyond</title>")

    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(10_000)
    opened.route("**/*", beyond)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, desk: tuple[str, Path]) -> Iterator[Page]:
    """The page, which may report no error and ask nobody else for anything."""
    troubles: list[str] = []

    def note(request: Request) -> None:
        if not is_ours(request.url):
            troubles.append(f"a request to {request.url}")

    shown = context.new_page()
    shown.on("console", lambda one: troubles.append(one.text) if one.type == "error" else None)
    shown.on("pageerror", lambda error: troubles.append(str(error)))
    shown.on("request", note)
    shown.goto(desk[0])
    expect(shown.get_by_test_id("composer")).to_be_visible()
    yield shown
    shown.close()
    assert not troubles


def photograph(page: Page, name: str) -> None:
    """Keep what the visitor sees, where somebody wants to look at it."""
    if folder := os.environ.get("SUPPORTBOT_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def ask(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def answered(page: Page, question: str) -> Locator:
    """The bot's last answer in the thread of a question, which the page opens by itself."""
    panel = page.get_by_test_id("thread-panel")
    expect(panel.get_by_test_id("message").filter(has_text=question).first).to_be_visible()
    rated = page.get_by_test_id("feedback-up")
    reply = panel.get_by_test_id("message").filter(has=rated).last
    expect(reply).to_be_visible()
    return reply


def test_the_first_page_teaches_by_examples_that_can_be_clicked(page: Page) -> None:
    expect(page.get_by_test_id("empty-state")).to_be_visible()
    expect(page.get_by_test_id("example-1")).to_contain_text(BOOTS)
    photograph(page, "01-first-visit")
    page.get_by_test_id("example-1").click()
    reply = answered(page, BOOTS)
    expect(reply).to_contain_text("30 days")
    photograph(page, "02-answer-in-thread")


def test_a_question_is_answered_with_sources_that_open(page: Page, context: BrowserContext) -> None:
    ask(page, f"@Support Bot {TENT}")
    reply = answered(page, TENT)
    source = reply.get_by_test_id("source-link").first
    expect(source).to_have_attribute("rel", re.compile("noopener"))
    with context.expect_page() as opened:
        source.click()
    assert "help.cairnway.example" in unquote(opened.value.url)
    assert is_ours(opened.value.url), "the sample help centre is nowhere on the internet"
    expect(opened.value.locator("body")).to_contain_text("warranty")
    photograph(opened.value, "03-article")
    opened.value.close()


def test_feedback_shows_as_pressed_and_is_kept(page: Page, desk: tuple[str, Path]) -> None:
    ask(page, f"@Support Bot {TENT} (feedback)")
    reply = answered(page, "(feedback)")
    reply.get_by_test_id("feedback-down").click()
    expect(reply.get_by_test_id("feedback-down")).to_have_attribute("aria-pressed", "true")
    expect(reply.get_by_test_id("feedback-up")).to_have_attribute("aria-pressed", "false")
    ts = reply.get_attribute("data-ts")
    query = "select sentiment from feedback where reply_ts = ?"
    until(lambda: rows(desk[1], query, ts) == [{"sentiment": "down"}], "the thumb is kept")
    photograph(page, "04-feedback")


def test_a_thread_goes_on_without_a_mention(page: Page) -> None:
    ask(page, "@Support Bot what does delivery to Norway cost?")
    answered(page, "Norway cost")
    panel = page.get_by_test_id("thread-panel")
    panel.get_by_test_id("thread-composer").fill("and how long does it take?")
    panel.get_by_test_id("thread-composer").press("Enter")
    replies = panel.get_by_test_id("message").filter(has=page.get_by_test_id("feedback-up"))
    expect(replies).to_have_count(2)
    expect(replies.last).to_contain_text("Norway")
    photograph(page, "05-follow-up")


def test_ask_a_person_arrives_in_triage_with_a_link_back(page: Page) -> None:
    ask(page, f"@Support Bot {TENT} (person)")
    reply = answered(page, "(person)")
    reply.get_by_test_id("button-ask_person").click()
    panel = page.get_by_test_id("thread-panel")
    expect(panel).to_contain_text("I have asked the team")
    page.get_by_test_id("channel-triage").click()
    post = page.get_by_test_id("message").filter(has_text="(person)").last
    expect(post).to_contain_text("What was tried")
    photograph(page, "06-triage")
    post.get_by_role("link", name="Open the thread").click()
    expect(panel).to_contain_text("(person)")
    expect(panel).to_contain_text("I have asked the team")


def test_somebody_else_asks_in_a_direct_message(page: Page) -> None:
    page.get_by_test_id("person-switch").select_option(value="U0PRIYA")
    page.get_by_test_id("channel-priya").click()
    ask(page, TENT)
    reply = answered(page, TENT)
    expect(reply.get_by_test_id("source-link").first).to_be_visible()
    photograph(page, "07-direct-message")


def test_an_e_mail_shows_with_the_card_of_its_case(page: Page) -> None:
    page.get_by_test_id("open-email").click()
    dialog = page.get_by_test_id("email-dialog")
    expect(dialog).to_be_visible()
    page.get_by_test_id("email-text").fill(MAIL)
    photograph(page, "08-email-dialog")
    page.get_by_test_id("email-send").click()
    expect(dialog).not_to_be_visible()
    take = page.get_by_role("button", name="Take", exact=True)
    card = page.get_by_test_id("thread-panel").get_by_test_id("message").filter(has=take).last
    expect(card).to_contain_text("mira@customer.example")
    photograph(page, "09-email-case")
    card.get_by_role("button", name="Draft reply").click()
    expect(page.get_by_role("dialog").filter(has_text="Draft")).to_be_visible()
    photograph(page, "09-email-draft")
    page.keyboard.press("Escape")
    take.last.click()
    expect(card).to_contain_text("Taken by")


def test_the_drawer_shows_what_the_bot_did(page: Page) -> None:
    ask(page, f"@Support Bot {TENT} (drawer)")
    reply = answered(page, "(drawer)")
    reply.hover()
    reply.get_by_test_id("open-drawer").click()
    drawer = page.get_by_test_id("drawer")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text(re.compile("ridgeline", re.IGNORECASE))
    expect(drawer).to_contain_text("ms")
    expect(drawer).to_contain_text("policy question")
    drawer.get_by_text("JSON", exact=True).click()
    expect(drawer.get_by_test_id("triage-json")).to_contain_text('"intent": "policy_question"')
    photograph(page, "10-drawer")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()


def test_hostile_text_is_shown_as_text(page: Page) -> None:
    text = '<img src=x onerror="document.title=1"> <b>bold</b> [x](javascript:alert(1)) (hostile)'
    ask(page, f"@Support Bot {text}")
    message = page.get_by_test_id("message").filter(has_text="(hostile)").first
    expect(message).to_contain_text("<img src=x")
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_a_reload_and_a_small_window_lose_nothing(page: Page) -> None:
    ask(page, f"@Support Bot {TENT} (reload)")
    answered(page, "(reload)")
    page.set_viewport_size({"width": 1024, "height": 700})
    page.reload()
    expect(page.get_by_test_id("message").filter(has_text="(reload)").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    photograph(page, "11-small-window")
