"""The Reconciliation Service API, so that OpenRefine and others match columns of values to the taxonomy.

Version 0.2 (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/), and the draft of 1.0
(https://reconciliation-api.github.io/specs/draft/) where its shapes differ: `/match` and `/extend` take JSON. Both
versions have their root at one address, so the manifest is that of 0.2, in which the draft's members are added.
"""

from fastapi import APIRouter

from app.api.routes.reconcile import extend, preview, query, suggest
from app.api.routes.reconcile.manifest import PATH

__all__ = ["PATH", "router"]

router = APIRouter()
for part in (query, suggest, preview, extend):
    router.include_router(part.router, tags=["reconcile"])
