"""Drills: an installation as it is deployed, people who take papers on it, and what operators and strangers do meanwhile.

.venv/bin/python -m bench.drill [--short]           what an operator does, and what fails: restarts, migration, failover, backup
.venv/bin/python -m bench.drill --siege [--short]   slow clients, idle connections and floods, with nginx and without

nginx and PgBouncer run with the configuration of deploy/. Of each act it says what people noticed; then everything is counted.
"""
