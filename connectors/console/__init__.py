"""The console's server: what operations staff, customer service and SREs look at, and decide, in a browser."""
