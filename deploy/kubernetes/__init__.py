"""The hub on Kubernetes, beside a Kafka and a Postgres that somebody runs."""
