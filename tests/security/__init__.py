"""Attacks on a real stack, each of which once worked: ``make attack``; short forms are among the tests."""
