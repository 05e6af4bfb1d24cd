"""``penstock``: the command line. Each module here is one group of commands; what they do stands elsewhere."""

from streams.cli.main import main

__all__ = ["main"]
