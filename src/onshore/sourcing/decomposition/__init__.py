"""What is too large for a solver of the whole: prices, then parts; see docs/explanation/decomposition.md.

Read in this order: `frame` (the rows), `chunk` (the options of some parts, worked out and kept as columns), `wide` (the option table made of
them), `normal` and `full` (rows turned to "at most", with some or all options), `table` (what is asked of all options, in pieces), `shelf` (where they
lie), `dual` with `descent` (prices that climb), `boxes` (ventures
and modules made whole), `search` with `repair` and `exchange` (parts that settle), `losses` (what makers lose at least), `windows` (some parts
chosen anew by the solver), `branching` with `cuts` (what is split decided both ways), `merging` (one plan of several), and `decomposed` (the order in
which all that is done, against its `clock`).
"""
