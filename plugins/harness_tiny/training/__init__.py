"""How the members of the lineage are trained: on examples, on preferences, on rewards."""
