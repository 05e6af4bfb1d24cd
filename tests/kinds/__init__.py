"""Kinds of situations that integrations stumble over, each shown on every platform that can have it, through the whole hub in memory."""
