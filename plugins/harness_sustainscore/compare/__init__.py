"""Runs beside each other: the difference of their interference on the items that both solved."""
