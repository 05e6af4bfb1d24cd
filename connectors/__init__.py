"""The edge: what brings orders in and decisions out."""
