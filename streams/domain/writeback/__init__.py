"""Writeback: which tracking number is told to a platform, when, how often, and when a person must look."""
