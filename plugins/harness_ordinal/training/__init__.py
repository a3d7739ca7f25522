"""End-to-end training of a backbone with an ordinal head: what a paper's comparison of losses needs."""
