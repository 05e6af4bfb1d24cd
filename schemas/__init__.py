"""The bytes on every topic: Avro records (`*.avsc`), their Python types, the codec and the topic registry."""
