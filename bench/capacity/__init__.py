"""What a contest needs in machines, from what was measured, and its opening minute played through.

.venv/bin/python -m bench.capacity [--from docs/performance.json] [--docs FOLDER]
"""
