"""What takes its work from topics: ``sinks/`` fills a store, ``dispatch/`` has slow systems called. Here stands what both read by."""
