"""Benchmarks of `manage.py benchmark`: one module each, with HELP, add_arguments(parser) and run(options, out).

Each measures its baselines in the same run, since machines are shared and timings noisy.
"""
