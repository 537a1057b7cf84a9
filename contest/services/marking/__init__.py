"""Responses that people mark, blind: under a code, without a name, a unit, a time or anything that leads to them."""
