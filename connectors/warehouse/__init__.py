"""Warehouses' systems: delivery orders out, what they report in.

    base        the contract of a kind: what is asked of a system, how it ends
    qimen       奇门, signed XML both ways: the client; ``xml_text``: the only reader and writer of XML
    webhook     a plain one, JSON with HMAC, for a WMS of one's own: the client
    errand      one request seen through by the driver (``connectors/driver/dispatch``); ``run`` all of it as a process
    (what both kinds report comes in at the gateway: connectors/channels/reports.py, qimen.py)

README.md says how a warehouse is connected, and what a third kind has to bring.
"""
