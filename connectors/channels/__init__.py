"""How what happens in the shops reaches Kafka. ``base.py`` is the contract, ``table.py`` has the channels, ``gateway.py`` the process."""
