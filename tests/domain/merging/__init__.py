"""Tests of streams/domain/merging."""
