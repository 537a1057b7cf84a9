"""A campaign of faults: takers save under load while servers, databases and disks fail; then everything is counted.

.venv/bin/python -m bench.faults [--store sqlite|postgresql] [--faults 100] [--saves 100000] [--mutants] [--report FILE]

A load generator keeps a journal, forced to disk before each request is sent and after each answer. A checker that imports
nothing of the application then reads the journals and a dump, and counts what must not be; each count must be nought.
"""
