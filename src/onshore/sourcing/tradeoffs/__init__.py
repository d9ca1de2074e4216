"""One measure against another, see docs/explanation/trade-offs.md: `aims` (what is weighed), `trade` (one search among many),
`frontier` (the best of one for each level of the other) and `goals` (several in order, or as a weighted sum).
"""
