"""Prizes: lists over a ranking, who wins them, the verification of winners, and the lots that settle ties."""
