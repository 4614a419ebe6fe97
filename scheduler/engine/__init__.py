"""The search: tiers of goals in order, sections split exactly, true bounds. Knows rules by one protocol only."""
