"""Which materials an applicant owes, and what has to be asked to know it. Pure: no clock, no wire.

A policy file is dated and regional; `choose` picks the one in force on the application date for the operator's unit. For
one verification the compiled `Policy` answers four questions:

  certain       the checks of every material that is owed whoever the applicant is
  who_is_local  the check that decides locality, if that decides anything
  what_follows  the checks of materials that hang on locality, unless the applicant is known to be exempt
  owing         per material: owed, not owed (and why), or not known because nobody could say who is local

Two rounds, because a local applicant must not be looked up in systems that have no business with locals; but when the
registry is down the material is asked for all the same, so that a record can still spare the applicant the paper. What the
findings mean is not decided here: that is `gateway.judging`. `explain` lays the same path open without asking anybody.
"""

from gateway.policy.explaining import Path, explain
from gateway.policy.owing import Owing
from gateway.policy.policies import Policy, choose
from gateway.policy.problems import problems

__all__ = ["Owing", "Path", "Policy", "choose", "explain", "problems"]
