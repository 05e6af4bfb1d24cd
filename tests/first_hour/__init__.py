"""The first hour of a new user: what the README says is typed as it stands there, and the output read."""
