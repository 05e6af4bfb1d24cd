"""What operations staff and SREs look at, in Grafana.

``orders.py`` and ``machinery.py`` say what is on the dashboard. To change it: edit them, run ``python -m deploy.grafana``, commit both.
"""
