"""Probes: ordinal heads on frozen features, trained and tested on documents apart."""
