"""Rules: linted, compiled, decided by, and held against what is slow and obvious."""
