"""Measurements that anyone can repeat. Each prints a table and writes ``bench/NAME.json``."""
