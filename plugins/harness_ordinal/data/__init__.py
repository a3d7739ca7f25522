"""Ordinal data: tables and texts with the order of their labels told, splits with their leaks counted."""
