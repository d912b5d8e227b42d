"""Reading e-mail: who wrote, when, about what, and their own words (pure, linear time)."""
