"""Every package that ``make`` installs, with its hashes; ``lock`` writes them."""
