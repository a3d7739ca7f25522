"""The 58 instructions of IFBench (Pyatkin et al. 2025, arXiv 2507.02833), by the official semantics."""
