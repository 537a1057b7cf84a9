"""The product beside the practical floor: the same requests, server, database and minute, so that figures are ratios.

.venv/bin/python -m bench.compare [--store sqlite|postgresql|both] [--short] [--only journey,storm.opening,…] [--json FILE]
.venv/bin/python -m bench.compare --only storm --json all.json --onto all.json   # the hours of the long form in parts
.venv/bin/python -m bench.compare --from docs/performance.json      # writes document and pictures again without measuring

Each section is measured in turns, floor and product alternating, and the median of three runs is kept; what takes some
minutes, the opening and ten minutes of saving, is made once. A run in which others used more than 5 % of the machine, or the
hypervisor took as much, is thrown away and made again.
"""
