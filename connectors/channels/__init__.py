"""Channels in: pushes, message queues and pulls of the platforms, onto Kafka; acknowledged only when Kafka has them."""
