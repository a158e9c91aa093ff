"""Running a shop on a machine: supervisor, data folder, backup, secret key."""
