"""Attacks on a running shop, each of which prints what came of it: hostile files, addresses that lead inside, requests
that nobody wrote.

Each module has a `HELP`, `add_arguments` and `run`.
"""
