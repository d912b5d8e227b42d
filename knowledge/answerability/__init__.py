"""Whether passages answer a question: the shipped weights, and what they were fitted on."""
