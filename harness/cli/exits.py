"""Exit statuses, each with one meaning."""

#: The run ended, but documents could not be scored, or were lost.
INCOMPLETE = 1
#: Something the user can mend: a wrong name, file, option, key.
FAILED = 2
#: Stopped by Ctrl-C.
INTERRUPTED = 130
