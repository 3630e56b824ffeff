"""${message}

Revision ${up_revision}, after ${down_revision or "nothing"}.
"""
# ruff: noqa: PLR0915 - a migration is as long as what it changes

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take back what `upgrade` did."""
    ${downgrades if downgrades else "pass"}
