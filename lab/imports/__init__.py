"""Small files as shops export them, and what an import must make of each: `manage.py import_cases`."""
