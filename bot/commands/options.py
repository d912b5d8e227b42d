"""Options that several commands have."""

from typing import Annotated

import typer

from knowledge.documents import Audience

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
ForAudience = Annotated[
    Audience, typer.Option(help="Who asks: 'internal' also reads articles for staff.")
]
