"""Operation on one machine: process supervisor, data folder, backup and restore, secret key."""
