"""The programme on paper: its input tables, what they must agree on, and what more than one room needs of them.

`declared/` holds every input table; `settings` what programme.toml says; `programme` reads, checks and writes them;
`checks` finds what one table alone cannot show; `calendar`, `money`, `learning`, `measures` and `needs` are shared by
the rooms above. Nothing here decides anything.
"""
