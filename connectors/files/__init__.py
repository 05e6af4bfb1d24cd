"""A sink into files: JSON lines by topic and day."""

from connectors.files.sink import FilesSink

__all__ = ["FilesSink"]
