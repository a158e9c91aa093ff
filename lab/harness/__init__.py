"""What benchmarks and tests start: a trial shop, PostgreSQL, synthetic vectors."""
