"""Documents that a merchant writes: read with their lines, held to their types, hashed, carried over from older versions."""
