"""Speed and memory of the desk, measured through the real process: `python -m benchmarks`."""
