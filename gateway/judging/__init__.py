"""What findings mean for one material, on that day. Pure: values in, values out.

Questions name judges: `residence` reads residence permits, `guardianship` reads the bureau's archive and the household
registry, `insurance` counts months. A judge turns one finding into one `Ruling`; `merge` joins the rulings of all sources that
may prove the material, an authority's channels among them; `verdicts` adds what the policy says: owed or not, and what the
counter then does; `overruling` puts an officer's finding on top; `racing` says when one channel's answer is enough; `wording`
says it to the clerk.

Silence is never a no: a finding that is no reply rules `undetermined`, under its own status's name, whatever the question.
"An officer must look" is `undetermined` with reason `needs_officer`. A judge that does not know what it sees says so.
"""

from gateway.judging.overruling import may_overrule, overruled
from gateway.judging.problems import problems
from gateway.judging.racing import conclusive, conclusive_by
from gateway.judging.rulings import Ruling, merge
from gateway.judging.verdicts import judge
from gateway.judging.wording import sentence

__all__ = [
    "Ruling",
    "conclusive",
    "conclusive_by",
    "judge",
    "may_overrule",
    "merge",
    "overruled",
    "problems",
    "sentence",
]
