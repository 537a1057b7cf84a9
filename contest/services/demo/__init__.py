"""The demonstration contest: real questions, a seeded crowd, one round finished, one open, one to come."""
