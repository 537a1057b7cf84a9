"""Standings of people and units, the settlement of a round after its close, and what judges see and export."""
