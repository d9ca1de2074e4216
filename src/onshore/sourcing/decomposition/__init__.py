"""What is too large for a solver of the whole: prices, then parts; see docs/explanation/decomposition.md.

Read in this order: `wide` (the option table made by chunks, kept as columns), `normal` (rows turned to "at most"), `dual` (prices
that climb), `search` with `repair` and `exchange` (parts that settle), `windows` (some parts chosen anew by the solver) and
`decomposed` (the order in which all that is done).
"""
