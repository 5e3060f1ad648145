"""From delivered bytes to typed, counted rows in the engine; writes nothing else.

``reception.receive`` is the door in. People exist only inside the engine past here.
"""
