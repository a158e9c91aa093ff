"""Security tests against a running shop: hostile files, SSRF, and fuzzing of the API.

Each module has a `HELP`, `add_arguments` and `run`.
"""
