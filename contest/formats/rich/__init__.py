"""Rich texts: one tree, and the ways in and out of it."""
