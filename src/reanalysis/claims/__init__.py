"""The claim ledger: what the recomputed evidence says of each sentence of the review."""

from reanalysis.claims.evidence import Material
from reanalysis.claims.flags import omissions
from reanalysis.claims.ledger import claim_verdicts, conclusions, ledger
from reanalysis.claims.printed import reproductions

__all__ = ["Material", "claim_verdicts", "conclusions", "ledger", "omissions", "reproductions"]
