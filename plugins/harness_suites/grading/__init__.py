"""Whether an answer is right: reading it, and comparing it, one module for each form an answer takes."""
