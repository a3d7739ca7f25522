"""The board as values: submissions, their lines, and what may be said of who is before whom."""
