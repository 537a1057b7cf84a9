"""Attempts: starting, showing the paper, saving, submitting, expiring, the receipt and the released review."""
