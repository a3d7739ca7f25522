"""The sustain curve: how many nested constraints a success survives, as CORN's chain and as a survival curve."""
