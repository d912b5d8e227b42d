"""What fine-tuning costs at OpenAI, and how long it is to be had.

As published; look again before you rely on it: https://openai.com/api/pricing and
https://developers.openai.com/api/docs/deprecations. `--price` overrides the table.
"""

from dataclasses import dataclass

AS_OF = "2026-11-23"
NEW_JOBS_UNTIL = "2027-01-06"
"""OpenAI closes self-serve fine-tuning; accounts that do not use it are shut out already."""

DEFAULT = "gpt-4.1-mini-2025-04-14"


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be fine-tuned: US dollars per million training tokens, and its last day.

    The models that were made from it end with it.
    """

    price: float
    until: str


OFFERS = {
    "gpt-4.1-2025-04-14": Offer(25.0, until="2027-01-14"),
    "gpt-4.1-mini-2025-04-14": Offer(5.0, until="2027-01-14"),
    "gpt-4.1-nano-2025-04-14": Offer(1.5, until="2026-10-23"),
    "gpt-4o-2024-08-06": Offer(25.0, until="2027-01-14"),
    "gpt-4o-mini-2024-07-18": Offer(3.0, until="2027-01-14"),
}


def offer(model: str) -> Offer | None:
    """The offer for a model, or for the one that an `ft:` model was made from."""
    name = model.split(":")[1] if model.startswith("ft:") else model
    return OFFERS.get(name)
