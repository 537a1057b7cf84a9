"""Contests: what members see of them, and how organisers set them up, publish and archive them."""
