"""The console's server by its interface: over real HTTP, against a real Postgres."""
