"""``make fuzz``: every platform's payloads, changed by a coverage-guided fuzzer, read as intake reads them; see ``__main__``."""
