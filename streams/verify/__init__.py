"""The independent verifier: reads the topics as anyone could and recomputes what must hold.

It imports nothing of the stages (`streams.domain`, `streams.agents`): a mistake there must not hide itself here.
"""

from streams.verify.entry import Entry
from streams.verify.findings import KINDS, Violation
from streams.verify.model import Model
from streams.verify.reader import VerifyError, verify
from streams.verify.report import Report

__all__ = ["KINDS", "Entry", "Model", "Report", "VerifyError", "Violation", "verify"]
