"""`supportbot`: the desk from the command line."""

import errno
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from bot import __version__
from bot.commands import (
    asking,
    caching,
    correcting,
    knowing,
    mailing,
    operating,
    overseeing,
    running,
    triaging,
)
from bot.errors import ConfigurationError, SupportbotError
from bot.playground.errors import PlaygroundError
from knowledge.errors import KnowledgeError
from knowledge.settings import KnowledgeSettings
from triage.errors import TriageError
from triage.settings import TriageSettings

cli = typer.Typer(
    name="supportbot",
    help=(
        "A support desk in Slack: answers with checked citations, hands the rest to a person.\n\n"
        "Start with **supportbot run**: it opens a Slack workspace on your own machine, "
        "no account and no key needed. Settings come from the environment or a file .env; "
        "**supportbot doctor** tells what is missing."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_PREFIXES = {KnowledgeSettings.__name__: "KNOWLEDGE_", TriageSettings.__name__: "TRIAGE_"}
running.register(cli)
asking.register(cli)
operating.register(cli)
cli.add_typer(knowing.commands, name="knowledge")
cli.add_typer(triaging.commands, name="triage")
cli.add_typer(mailing.commands, name="mail")
cli.add_typer(correcting.commands, name="corrections")
cli.add_typer(overseeing.commands, name="inbox")
cli.add_typer(caching.commands, name="cache")


@cli.callback(invoke_without_command=True)
def root(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """The options of all commands."""
    if version:
        typer.echo(f"supportbot {__version__}")
        raise typer.Exit


def main() -> None:
    """The console script: every failure that we know is one line, and says what to do."""
    try:
        cli()
    except ConfigurationError as error:
        _end(str(error), code=2)
    except ValidationError as error:
        _end(_setting(error), code=2)
    except UnicodeDecodeError as error:
        _end(f".env is not UTF-8 text: {error.reason}", code=2)
    except (SupportbotError, KnowledgeError, TriageError, PlaygroundError) as error:
        _end(_with_advice(str(error)), code=1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _end(_with_advice(f"No space left: {error.filename or error.strerror}"), code=1)


def _setting(error: ValidationError) -> str:
    """The setting as it is written in the environment, and what is wrong with it."""
    problem = error.errors()[0]
    name = ".".join(map(str, problem["loc"]))
    prefix = _PREFIXES.get(error.title, "SUPPORTBOT_")
    return f"setting {name if name.isupper() else prefix + name.upper()}: {problem['msg']}"


def _with_advice(message: str) -> str:
    if "disk is full" in message or "No space left" in message:
        return f"The disk is full: free some space and start again ({message})"
    return message


def _end(message: str, *, code: int) -> None:
    print(f"supportbot: {message}", file=sys.stderr)  # noqa: T201
    sys.exit(code)
