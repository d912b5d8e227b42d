"""What articles of the sample help centre say, for models that have to say it too."""

TRAIL_TEST = """
Boots you have worn outside can be returned within 30 days of delivery if you are a Club member.
We call this the Trail Test.
You receive the price you paid as store credit, not as money.
You can use the Trail Test once per model and per year.
Footwear that has been worn outside cannot be returned unless it is faulty.
A fault is not a return, and it does not matter whether you wore the boots outside.
""".strip().splitlines()
"""Of `boots-and-shoes`, the sentences that a question about worn boots finds."""
