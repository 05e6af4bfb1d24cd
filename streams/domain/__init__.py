"""What Penstock decides, and nothing else: no clock, no chance, no input or output. Same input, same decision."""
