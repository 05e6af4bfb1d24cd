"""What the schemas call personal, and where it may not be seen."""
