"""Mails for what ``deploy/prometheus/rules`` finds. See ``python -m deploy.alertmanager --help``."""
