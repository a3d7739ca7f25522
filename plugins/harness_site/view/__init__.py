"""The viewer: the answers of runs in a browser, read from their files as they are looked at."""
