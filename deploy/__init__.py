"""How Penstock is run: the local stack from pip alone, and later compose files, manifests, dashboards and runbooks."""
