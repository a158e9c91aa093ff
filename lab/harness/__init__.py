"""Test harness of benchmarks and tests: a trial shop, PostgreSQL, synthetic vectors."""
