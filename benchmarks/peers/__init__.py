"""The classification as users of other tools would write it, each a program of its own.

All start from the same typed rows (`benchmarks.accepted`) and write the same columns.
"""
