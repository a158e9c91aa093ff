"""The vector indexes that `manage.py benchmark index` compares, one module each, behind the interface of `base`."""
