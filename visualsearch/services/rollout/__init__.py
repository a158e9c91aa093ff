"""Rollout of model versions: their states, shadow comparison, A/B trials and their statistics, and feedback."""
