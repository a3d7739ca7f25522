"""A table on a terminal: what a name or a note holds is shown, and never obeyed."""

from harness.report import Table, print_table

HOSTILE = "\x1b[31m[bold]red[/bold]\u202e"


def test_no_part_of_a_table_is_a_command(capsys):
    print_table(Table(title=HOSTILE, columns=("task", HOSTILE), rows=(("t", HOSTILE),), notes=(HOSTILE,)))
    print_table(Table(rows=((HOSTILE,),)))
    said = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(said)
    assert said.count("␛[31m[bold]red[/bold]⟨U+202E⟩") == 5
