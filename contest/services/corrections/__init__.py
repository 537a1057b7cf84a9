"""Corrections of questions after a round: what may be corrected, and how it is done."""
