"""The pages as people see them: `make show`."""
