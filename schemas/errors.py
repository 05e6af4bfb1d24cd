"""What may go wrong between a record and its bytes.

Exception
├── CodecError                  the message or the record is at fault, trying again does not help
│   ├── NotAvro                 neither of the two formats
│   ├── UnknownFingerprint      written with a schema that was never released (or that the registry doesn't know)
│   ├── CorruptBody             the body is no record of its schema: truncated, trailing bytes, bad UTF-8 ...
│   └── InvalidRecord           the record to encode doesn't fit its schema: names field and value
└── RegistryUnavailable         the registry is at fault, trying again later may help
"""


class CodecError(Exception):
    """The message or the record is at fault."""


class NotAvro(CodecError):
    """The message is in neither wire format."""


class UnknownFingerprint(CodecError):
    """The message was written with a schema nobody released."""


class CorruptBody(CodecError):
    """The message's body is no record of its schema."""


class InvalidRecord(CodecError):
    """The record doesn't fit its schema, or there is no such record type."""


class RegistryUnavailable(ConnectionError):
    """The schema registry doesn't answer, or refuses a schema: no fault of the message."""
