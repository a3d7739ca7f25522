"""What every server needs, whichever protocol it speaks: one connection pool, a pace, attempts, and how faults read."""
