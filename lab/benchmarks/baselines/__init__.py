"""The indexes that `manage.py benchmark index` compares, each in a module of its own behind the interface of `base`."""
