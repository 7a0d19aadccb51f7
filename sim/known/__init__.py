"""What is known in a month: beliefs when firms decide, the truth when they settle.

Payments are functions of what is known and of each firm's own acts. The decision phase evaluates them on
beliefs and plans, settlement on truth and deeds, so nobody ever derives a best response by hand.
"""

from sim.known.facts import Memory
from sim.known.known import Known

__all__ = ["Known", "Memory"]
