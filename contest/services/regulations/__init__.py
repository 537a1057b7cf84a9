"""Regulations as files of settings: the ready ones, set up by the commands that organisers use, written from what stands."""
