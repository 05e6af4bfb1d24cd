"""Tables that rules look at."""
