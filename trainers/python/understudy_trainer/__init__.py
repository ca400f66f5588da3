"""Trains models for Understudy: a Temporal activity worker that reads and writes content-addressed artifacts, and nothing else."""
