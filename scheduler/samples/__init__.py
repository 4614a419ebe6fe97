"""Synthetic weeks: made up from a seed, or by hand, for trying out, for tests and for benchmarks.

Every person here is invented. The given names and surnames are not names of real people, no row is derived from a
real record, and every workbook that this package writes says so on its first sheet.
"""
