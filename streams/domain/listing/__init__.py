"""What each channel may show of a SKU, and that it shows it: decided by the stage ``listing``."""
