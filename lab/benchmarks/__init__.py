"""What `manage.py benchmark` runs: a module a benchmark, with HELP, add_arguments(parser) and run(options, out).

Each compares what it measures with something in the same run, since machines are shared and noisy.
"""
