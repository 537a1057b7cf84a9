"""The life of units: what they declare, how they change, the tree as it stood at an instant, and what became of them."""
