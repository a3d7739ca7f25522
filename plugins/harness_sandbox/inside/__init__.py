"""What runs within a sandbox: the fork server, the program's side, the tests' side; the standard library alone."""
