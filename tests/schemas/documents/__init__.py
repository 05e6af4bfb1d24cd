"""Documents: read with their lines, held to their types, hashed, carried over."""
