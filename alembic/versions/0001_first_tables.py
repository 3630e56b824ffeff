"""first tables

Revision 0001, after nothing.
"""
# ruff: noqa: PLR0915 - a migration is as long as what it changes

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("remote_user_id", sa.BigInteger(), nullable=True),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("halted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posts_a_day", sa.Integer(), nullable=False),
        sa.Column("posts_a_week", sa.Integer(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("open_cohorts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("remote_user_id", name=op.f("uq_account_remote_user_id")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "column_map",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_map")),
        sa.UniqueConstraint("name", name=op.f("uq_column_map_name")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
    )
    op.create_table(
        "facilitator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitator")),
        sa.UniqueConstraint("name", name=op.f("uq_facilitator_name")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sa.UniqueConstraint("mark", name=op.f("uq_kept_answer_mark")),
    )
    op.create_index(op.f("ix_kept_answer_at"), "kept_answer", ["at"], unique=False)
    op.create_table(
        "leader",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader")),
    )
    op.create_table(
        "learner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("employee_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("own_zone", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("remote_user_id", sa.BigInteger(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replies_paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
        sa.UniqueConstraint("remote_user_id", name=op.f("uq_learner_remote_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_learner_employee_id"), "learner", ["employee_id"], unique=False)
    op.create_index(op.f("ix_learner_handle"), "learner", ["handle"], unique=False)
    op.create_index(
        "uq_learner_employee_id",
        "learner",
        ["employee_id"],
        unique=True,
        sqlite_where=sa.text("employee_id <> ''"),
        postgresql_where=sa.text("employee_id <> ''"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("name", name=op.f("uq_member_name")),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("hash", name=op.f("uq_picture_hash")),
    )
    op.create_table(
        "procedure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("importance", sa.Float(), nullable=False),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("assessment", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure")),
        sa.UniqueConstraint("slug", name=op.f("uq_procedure_slug")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_programme_slug")),
    )
    op.create_table(
        "roster_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_version")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_schedule_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_at"), "sign_in_attempt", ["at"], unique=False)
    op.create_index("ix_sign_in_attempt_mark_at", "sign_in_attempt", ["mark", "at"], unique=False)
    op.create_table(
        "sign_in_start",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("going_to", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_start")),
        sa.UniqueConstraint("mark", name=op.f("uq_sign_in_start_mark")),
    )
    op.create_index(op.f("ix_sign_in_start_expires_at"), "sign_in_start", ["expires_at"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("kind", "mark", name=op.f("uq_suppression_kind_mark")),
    )
    op.create_index(op.f("ix_suppression_person"), "suppression", ["person"], unique=False)
    op.create_table(
        "workspace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("list_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_absence_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_learner_id"), "absence", ["learner_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_api_token_member_id_member"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_member_id"), "api_token", ["member_id"], unique=False)
    op.create_table(
        "breaker",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_breaker_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_breaker")),
    )
    op.create_table(
        "cohort",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("schedule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("assessment", sa.Date(), nullable=True),
        sa.Column("completes", sa.String(), nullable=False),
        sa.Column("lapse_after", sa.Integer(), nullable=False),
        sa.Column("updates", sa.Boolean(), nullable=False),
        sa.Column("respond_hours", sa.Float(), nullable=False),
        sa.Column("acknowledge", sa.Boolean(), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("approval", sa.String(), nullable=False),
        sa.Column("hashtag", sa.String(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("an_hour", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_cohort_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["facilitator.id"],
            name=op.f("fk_cohort_facilitator_id_facilitator"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_cohort_schedule_id_schedule"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("slug", name=op.f("uq_cohort_slug")),
    )
    op.create_index(op.f("ix_cohort_account_id"), "cohort", ["account_id"], unique=False)
    op.create_index(op.f("ix_cohort_facilitator_id"), "cohort", ["facilitator_id"], unique=False)
    op.create_index(op.f("ix_cohort_schedule_id"), "cohort", ["schedule_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_consent_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_learner_id"), "consent", ["learner_id"], unique=False)
    op.create_table(
        "course_approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_approval_course_id_course"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_approval")),
        sa.UniqueConstraint("course_id", "content_hash", name=op.f("uq_course_approval_course_id_content_hash")),
    )
    op.create_table(
        "credential",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_credential_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_credential")),
    )
    op.create_table(
        "cursor",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("since_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_cursor_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "feed", name=op.f("pk_cursor")),
    )
    op.create_index(op.f("ix_cursor_since_id"), "cursor", ["since_id"], unique=False)
    op.create_table(
        "member_identity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("named", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_identity_member_id_member"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_member_identity_issuer_subject")),
        sa.UniqueConstraint("named", name=op.f("uq_member_identity_named")),
    )
    op.create_index(op.f("ix_member_identity_member_id"), "member_identity", ["member_id"], unique=True)
    op.create_table(
        "nugget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("importance", sa.Float(), nullable=False),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("source_step", sa.String(), nullable=False),
        sa.Column("picture", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_nugget_procedure_id_procedure"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nugget")),
        sa.UniqueConstraint("procedure_id", "slug", name=op.f("uq_nugget_procedure_id_slug")),
    )
    op.create_index(op.f("ix_nugget_inbound_id"), "nugget", ["inbound_id"], unique=False)
    op.create_index(op.f("ix_nugget_procedure_id"), "nugget", ["procedure_id"], unique=False)
    op.create_table(
        "parameters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_parameters_procedure_id_procedure"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameters")),
    )
    op.create_index(op.f("ix_parameters_procedure_id"), "parameters", ["procedure_id"], unique=False)
    op.create_table(
        "rate_window",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_rate_window_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_rate_window")),
    )
    op.create_table(
        "read_tally",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("own", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_read_tally_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "month", name=op.f("pk_read_tally")),
    )
    op.create_table(
        "recall",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_recall_procedure_id_procedure"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_procedure_id"), "recall", ["procedure_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_session_member_id_member"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index(op.f("ix_session_member_id"), "session", ["member_id"], unique=False)
    op.create_index(op.f("ix_session_seen_at"), "session", ["seen_at"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_sign_in_link_member_id_member"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_sign_in_link_code_hash")),
    )
    op.create_index(op.f("ix_sign_in_link_member_id"), "sign_in_link", ["member_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("ladder", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_announcement_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("slug", name=op.f("uq_announcement_slug")),
    )
    op.create_index(op.f("ix_announcement_cohort_id"), "announcement", ["cohort_id"], unique=False)
    op.create_table(
        "budget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("micros_a_month", sa.BigInteger(), nullable=True),
        sa.Column("posts_a_month", sa.Integer(), nullable=True),
        sa.Column("posts_a_day", sa.Integer(), nullable=True),
        sa.Column("replies_a_day", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_budget_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_budget_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
    )
    op.create_index(op.f("ix_budget_account_id"), "budget", ["account_id"], unique=False)
    op.create_index(op.f("ix_budget_cohort_id"), "budget", ["cohort_id"], unique=False)
    op.create_table(
        "cohort_cadence",
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("schedule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_cadence_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_cohort_cadence_schedule_id_schedule"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("cohort_id", "first_day", name=op.f("pk_cohort_cadence")),
    )
    op.create_index(op.f("ix_cohort_cadence_schedule_id"), "cohort_cadence", ["schedule_id"], unique=False)
    op.create_table(
        "cohort_procedure",
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_procedure_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["procedure.id"],
            name=op.f("fk_cohort_procedure_procedure_id_procedure"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("cohort_id", "procedure_id", name=op.f("pk_cohort_procedure")),
    )
    op.create_index(op.f("ix_cohort_procedure_procedure_id"), "cohort_procedure", ["procedure_id"], unique=False)
    op.create_table(
        "course_thread",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_course_thread_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_course_thread_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_thread_course_id_course"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_thread")),
    )
    op.create_index(op.f("ix_course_thread_account_id"), "course_thread", ["account_id"], unique=False)
    op.create_index(op.f("ix_course_thread_cohort_id"), "course_thread", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_course_thread_course_id"), "course_thread", ["course_id"], unique=False)
    op.create_index(op.f("ix_course_thread_state"), "course_thread", ["state"], unique=False)
    op.create_index(
        "uq_course_thread_open",
        "course_thread",
        ["course_id", "rehearsal"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_enrollment_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_enrollment_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("cohort_id", "learner_id", name=op.f("uq_enrollment_cohort_id_learner_id")),
    )
    op.create_index(op.f("ix_enrollment_cohort_id"), "enrollment", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_enrollment_learner_id"), "enrollment", ["learner_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hashtag", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("announce_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched_id", sa.Integer(), nullable=False),
        sa.Column("sweep_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_event_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    op.create_index(op.f("ix_event_cohort_id"), "event", ["cohort_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_hold_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_cohort_id"), "hold", ["cohort_id"], unique=False)
    op.create_table(
        "joining",
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_joining_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_joining")),
    )
    op.create_table(
        "member_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_member_role_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_role_member_id_member"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_role")),
        sa.UniqueConstraint("member_id", "role", "cohort_id", name=op.f("uq_member_role_member_id_role_cohort_id")),
    )
    op.create_index(op.f("ix_member_role_cohort_id"), "member_role", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_member_role_member_id"), "member_role", ["member_id"], unique=False)
    op.create_table(
        "memory",
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_memory_nugget_id_nugget"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("nugget_id", "shard", name=op.f("pk_memory")),
    )
    op.create_table(
        "memory_reset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_memory_reset_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_memory_reset_recall_id_recall"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_reset")),
        sa.UniqueConstraint("recall_id", "nugget_id", name=op.f("uq_memory_reset_recall_id_nugget_id")),
    )
    op.create_index(op.f("ix_memory_reset_nugget_id"), "memory_reset", ["nugget_id"], unique=False)
    op.create_index(op.f("ix_memory_reset_recall_id"), "memory_reset", ["recall_id"], unique=False)
    op.create_table(
        "nugget_revision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("meaning", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_nugget_revision_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nugget_revision")),
        sa.UniqueConstraint(
            "nugget_id", "revision", "change", name=op.f("uq_nugget_revision_nugget_id_revision_change")
        ),
    )
    op.create_index(op.f("ix_nugget_revision_nugget_id"), "nugget_revision", ["nugget_id"], unique=False)
    op.create_table(
        "prerequisite",
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requires_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_prerequisite_nugget_id_nugget"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requires_id"], ["nugget.id"], name=op.f("fk_prerequisite_requires_id_nugget"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("nugget_id", "requires_id", name=op.f("pk_prerequisite")),
    )
    op.create_index(op.f("ix_prerequisite_requires_id"), "prerequisite", ["requires_id"], unique=False)
    op.create_table(
        "programme_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("programme_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("shifts", sa.JSON(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_programme_run_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_programme_run_programme_id_programme"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_run")),
    )
    op.create_index(op.f("ix_programme_run_cohort_id"), "programme_run", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_programme_run_programme_id"), "programme_run", ["programme_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("tolerance", sa.Float(), nullable=True),
        sa.Column("hints", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_question_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_nugget_id"), "question", ["nugget_id"], unique=False)
    op.create_table(
        "quiet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_quiet_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet")),
        sa.UniqueConstraint("occurrence", name=op.f("uq_quiet_occurrence")),
    )
    op.create_index(op.f("ix_quiet_cohort_id"), "quiet", ["cohort_id"], unique=False)
    op.create_table(
        "quiz",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pace", sa.JSON(), nullable=False),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("standings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_quiz_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_quiz_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz")),
        sa.UniqueConstraint("slug", name=op.f("uq_quiz_slug")),
    )
    op.create_index(op.f("ix_quiz_account_id"), "quiz", ["account_id"], unique=False)
    op.create_index(op.f("ix_quiz_cohort_id"), "quiz", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_quiz_state"), "quiz", ["state"], unique=False)
    op.create_table(
        "roster_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_roster_import_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    op.create_index(op.f("ix_roster_import_cohort_id"), "roster_import", ["cohort_id"], unique=False)
    op.create_table(
        "wording",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_wording_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    op.create_index(op.f("ix_wording_nugget_id"), "wording", ["nugget_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("media_hash", sa.String(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_approval_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_approval_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_approval_question_id_question"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wording.id"], name=op.f("fk_approval_wording_id_wording"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_cohort_id"), "approval", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_approval_nugget_id"), "approval", ["nugget_id"], unique=False)
    op.create_index(op.f("ix_approval_question_id"), "approval", ["question_id"], unique=False)
    op.create_index(op.f("ix_approval_text_hash"), "approval", ["text_hash"], unique=False)
    op.create_index(op.f("ix_approval_wording_id"), "approval", ["wording_id"], unique=False)
    op.create_table(
        "enrollment_gap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["enrollment.id"],
            name=op.f("fk_enrollment_gap_enrollment_id_enrollment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_gap")),
    )
    op.create_index(op.f("ix_enrollment_gap_enrollment_id"), "enrollment_gap", ["enrollment_id"], unique=False)
    op.create_table(
        "event_feed",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("since_id", sa.BigInteger(), nullable=False),
        sa.Column("top_id", sa.BigInteger(), nullable=True),
        sa.Column("until_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("swept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_feed_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "term", name=op.f("pk_event_feed")),
    )
    op.create_index(op.f("ix_event_feed_since_id"), "event_feed", ["since_id"], unique=False)
    op.create_table(
        "event_follow_up",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_follow_up_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_event_follow_up_nugget_id_nugget"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "nugget_id", name=op.f("pk_event_follow_up")),
    )
    op.create_index(op.f("ix_event_follow_up_nugget_id"), "event_follow_up", ["nugget_id"], unique=False)
    op.create_table(
        "event_gap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_gap_event_id_event"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_gap")),
    )
    op.create_index(op.f("ix_event_gap_event_id"), "event_gap", ["event_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["enrollment.id"],
            name=op.f("fk_invitation_enrollment_id_enrollment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    op.create_index(op.f("ix_invitation_enrollment_id"), "invitation", ["enrollment_id"], unique=False)
    op.create_table(
        "option",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_option_question_id_question"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_option")),
        sa.UniqueConstraint("question_id", "key", name=op.f("uq_option_question_id_key")),
    )
    op.create_index(op.f("ix_option_question_id"), "option", ["question_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inbound_id", sa.BigInteger(), nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("reply_to_outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("poll", sa.JSON(), nullable=True),
        sa.Column("media", sa.JSON(), nullable=True),
        sa.Column("confidentiality", sa.String(), nullable=True),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("price_micros", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_outbox_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_outbox_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_outbox_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_outbox_question_id_question"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_outbox_id"], ["outbox.id"], name=op.f("fk_outbox_reply_to_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wording.id"], name=op.f("fk_outbox_wording_id_wording"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("account_id", "remote_id", name=op.f("uq_outbox_account_id_remote_id")),
    )
    op.create_index(op.f("ix_outbox_account_id"), "outbox", ["account_id"], unique=False)
    op.create_index(op.f("ix_outbox_cohort_id"), "outbox", ["cohort_id"], unique=False)
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_outbox_inbound_id"), "outbox", ["inbound_id"], unique=False)
    op.create_index("ix_outbox_latest", "outbox", ["state", "posted_at"], unique=False)
    op.create_index(op.f("ix_outbox_nugget_id"), "outbox", ["nugget_id"], unique=False)
    op.create_index("ix_outbox_posted", "outbox", ["account_id", "posted_at"], unique=False)
    op.create_index(op.f("ix_outbox_question_id"), "outbox", ["question_id"], unique=False)
    op.create_index(op.f("ix_outbox_remote_id"), "outbox", ["remote_id"], unique=False)
    op.create_index(op.f("ix_outbox_reply_to"), "outbox", ["reply_to"], unique=False)
    op.create_index(op.f("ix_outbox_reply_to_outbox_id"), "outbox", ["reply_to_outbox_id"], unique=False)
    op.create_index("ix_outbox_text", "outbox", ["account_id", "text_hash"], unique=False)
    op.create_index(op.f("ix_outbox_wording_id"), "outbox", ["wording_id"], unique=False)
    op.create_index(
        "uq_outbox_occurrence_live",
        "outbox",
        ["occurrence"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_index(
        "uq_outbox_one_in_flight",
        "outbox",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('leased', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('leased', 'sending', 'unknown')"),
    )
    op.create_table(
        "programme_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["programme_run.id"], name=op.f("fk_programme_item_run_id_programme_run"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_item")),
    )
    op.create_index(op.f("ix_programme_item_run_id"), "programme_item", ["run_id"], unique=False)
    op.create_table(
        "programme_phase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("schedule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("recall", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["programme_run.id"], name=op.f("fk_programme_phase_run_id_programme_run"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_programme_phase_schedule_id_schedule"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_phase")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_programme_phase_run_id_number")),
    )
    op.create_index(op.f("ix_programme_phase_run_id"), "programme_phase", ["run_id"], unique=False)
    op.create_index(op.f("ix_programme_phase_schedule_id"), "programme_phase", ["schedule_id"], unique=False)
    op.create_table(
        "quiz_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quiz_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_quiz_question_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_question_quiz_id_quiz"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_question")),
        sa.UniqueConstraint("quiz_id", "number", name=op.f("uq_quiz_question_quiz_id_number")),
    )
    op.create_index(op.f("ix_quiz_question_nugget_id"), "quiz_question", ["nugget_id"], unique=False)
    op.create_table(
        "quiz_team",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quiz_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("remote_user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_team_quiz_id_quiz"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_team")),
        sa.UniqueConstraint("quiz_id", "name", name=op.f("uq_quiz_team_quiz_id_name")),
    )
    op.create_index(op.f("ix_quiz_team_remote_user_id"), "quiz_team", ["remote_user_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("poll", sa.JSON(), nullable=True),
        sa.Column("since_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("outbox_id", "n", name=op.f("uq_attempt_outbox_id_n")),
    )
    op.create_index(op.f("ix_attempt_outbox_id"), "attempt", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_attempt_reply_to"), "attempt", ["reply_to"], unique=False)
    op.create_index(op.f("ix_attempt_since_id"), "attempt", ["since_id"], unique=False)
    op.create_table(
        "course_post",
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_course_post_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["course_thread.id"],
            name=op.f("fk_course_post_thread_id_course_thread"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_course_post")),
        sa.UniqueConstraint("thread_id", "step", "attempt", name=op.f("uq_course_post_thread_id_step_attempt")),
    )
    op.create_table(
        "deletion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_deletion_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_deletion_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_deletion_outbox_id")),
    )
    op.create_index(op.f("ix_deletion_account_id"), "deletion", ["account_id"], unique=False)
    op.create_index(op.f("ix_deletion_state"), "deletion", ["state"], unique=False)
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("remote_id", sa.BigInteger(), nullable=False),
        sa.Column("author_remote_id", sa.BigInteger(), nullable=False),
        sa.Column("author_handle", sa.String(), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_reply_to", sa.BigInteger(), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("quote_of", sa.BigInteger(), nullable=True),
        sa.Column("reply_to_user", sa.BigInteger(), nullable=True),
        sa.Column("edit_of", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_as", sa.JSON(), nullable=False),
        sa.Column("read_why", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("mentions_us", sa.Boolean(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_inbound_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_inbound_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_inbound_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("account_id", "remote_id", name=op.f("uq_inbound_account_id_remote_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbound_account_id"), "inbound", ["account_id"], unique=False)
    op.create_index(op.f("ix_inbound_author_remote_id"), "inbound", ["author_remote_id"], unique=False)
    op.create_index(op.f("ix_inbound_conversation_id"), "inbound", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_inbound_graded_at"), "inbound", ["graded_at"], unique=False)
    op.create_index(op.f("ix_inbound_in_reply_to"), "inbound", ["in_reply_to"], unique=False)
    op.create_index("ix_inbound_learner_id_created_at", "inbound", ["learner_id", "created_at"], unique=False)
    op.create_index(
        "ix_inbound_needs_person",
        "inbound",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("needs_person IS 1"),
        postgresql_where=sa.text("needs_person IS true"),
    )
    op.create_index("ix_inbound_outbox_id_created_at", "inbound", ["outbox_id", "created_at"], unique=False)
    op.create_index("ix_inbound_outbox_id_learner_id", "inbound", ["outbox_id", "learner_id", "id"], unique=False)
    op.create_index(op.f("ix_inbound_quote_of"), "inbound", ["quote_of"], unique=False)
    op.create_index(op.f("ix_inbound_remote_id"), "inbound", ["remote_id"], unique=False)
    op.create_table(
        "picture_upload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.BigInteger(), nullable=True),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_picture_upload_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_upload")),
        sa.UniqueConstraint("outbox_id", "position", name=op.f("uq_picture_upload_outbox_id_position")),
    )
    op.create_table(
        "poll",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("votes", sa.JSON(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_poll_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_poll_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_poll_outbox_id")),
    )
    op.create_index(op.f("ix_poll_cohort_id"), "poll", ["cohort_id"], unique=False)
    op.create_table(
        "quiz_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quiz_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_remote_id", sa.BigInteger(), nullable=False),
        sa.Column("author_remote_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("ruling", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_quiz_answer_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["quiz_question.id"],
            name=op.f("fk_quiz_answer_question_id_quiz_question"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_answer_quiz_id_quiz"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_answer")),
        sa.UniqueConstraint("question_id", "post_remote_id", name=op.f("uq_quiz_answer_question_id_post_remote_id")),
    )
    op.create_index(op.f("ix_quiz_answer_author_remote_id"), "quiz_answer", ["author_remote_id"], unique=False)
    op.create_index(op.f("ix_quiz_answer_learner_id"), "quiz_answer", ["learner_id"], unique=False)
    op.create_index("ix_quiz_answer_quiz_id_at", "quiz_answer", ["quiz_id", "at"], unique=False)
    op.create_table(
        "quiz_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quiz_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_remote_id", sa.BigInteger(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_quiz_member_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_member_quiz_id_quiz"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["quiz_team.id"], name=op.f("fk_quiz_member_team_id_quiz_team"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_member")),
        sa.UniqueConstraint("quiz_id", "author_remote_id", name=op.f("uq_quiz_member_quiz_id_author_remote_id")),
        sa.UniqueConstraint("quiz_id", "learner_id", name=op.f("uq_quiz_member_quiz_id_learner_id")),
    )
    op.create_index(op.f("ix_quiz_member_author_remote_id"), "quiz_member", ["author_remote_id"], unique=False)
    op.create_index(op.f("ix_quiz_member_learner_id"), "quiz_member", ["learner_id"], unique=False)
    op.create_index(op.f("ix_quiz_member_team_id"), "quiz_member", ["team_id"], unique=False)
    op.create_table(
        "quiz_post",
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quiz_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_quiz_post_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["quiz_question.id"],
            name=op.f("fk_quiz_post_question_id_quiz_question"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_post_quiz_id_quiz"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_quiz_post")),
    )
    op.create_index(op.f("ix_quiz_post_question_id"), "quiz_post", ["question_id"], unique=False)
    op.create_index(op.f("ix_quiz_post_quiz_id"), "quiz_post", ["quiz_id"], unique=False)
    op.create_table(
        "recall_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_recall_post_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_recall_post_recall_id_recall"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_post")),
        sa.UniqueConstraint("recall_id", "outbox_id", name=op.f("uq_recall_post_recall_id_outbox_id")),
    )
    op.create_index(op.f("ix_recall_post_outbox_id"), "recall_post", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_recall_post_recall_id"), "recall_post", ["recall_id"], unique=False)
    op.create_table(
        "signal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_signal_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index(op.f("ix_signal_outbox_id"), "signal", ["outbox_id"], unique=False)
    op.create_table(
        "event_post",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_post_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_event_post_inbound_id_inbound"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "inbound_id", name=op.f("pk_event_post")),
    )
    op.create_index(op.f("ix_event_post_inbound_id"), "event_post", ["inbound_id"], unique=False)
    op.create_table(
        "inquiry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facilitator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("similar_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_soon_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("quote", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_inquiry_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_inquiry_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["facilitator.id"],
            name=op.f("fk_inquiry_facilitator_id_facilitator"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_inquiry_inbound_id_inbound"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_inquiry_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_inquiry_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["similar_to"], ["inquiry.id"], name=op.f("fk_inquiry_similar_to_inquiry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_inquiry_inbound_id")),
    )
    op.create_index(op.f("ix_inquiry_account_id"), "inquiry", ["account_id"], unique=False)
    op.create_index("ix_inquiry_cohort_id_state", "inquiry", ["cohort_id", "state"], unique=False)
    op.create_index(op.f("ix_inquiry_facilitator_id"), "inquiry", ["facilitator_id"], unique=False)
    op.create_index(op.f("ix_inquiry_nugget_id"), "inquiry", ["nugget_id"], unique=False)
    op.create_index(op.f("ix_inquiry_outbox_id"), "inquiry", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_inquiry_similar_to"), "inquiry", ["similar_to"], unique=False)
    op.create_index("ix_inquiry_state_due_at", "inquiry", ["state", "due_at"], unique=False)
    op.create_table(
        "introduction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_introduction_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_introduction_inbound_id_inbound"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_introduction_inbound_id")),
    )
    op.create_index(op.f("ix_introduction_cohort_id"), "introduction", ["cohort_id"], unique=False)
    op.create_table(
        "join_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_join_request_cohort_id_cohort"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_join_request_inbound_id_inbound"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_join_request_inbound_id")),
    )
    op.create_index("ix_join_request_cohort_id_outcome", "join_request", ["cohort_id", "outcome", "at"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("guess", sa.Float(), nullable=False),
        sa.Column("nugget_revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_review_inbound_id_inbound"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_review_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_review_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_review_outbox_id_outbox"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_at"), "review", ["at"], unique=False)
    op.create_index(op.f("ix_review_inbound_id"), "review", ["inbound_id"], unique=False)
    op.create_index(op.f("ix_review_learner_id"), "review", ["learner_id"], unique=False)
    op.create_index("ix_review_nugget_id_voided_at", "review", ["nugget_id", "voided_at", "id"], unique=False)
    op.create_index(op.f("ix_review_outbox_id"), "review", ["outbox_id"], unique=False)
    op.create_table(
        "wish",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dealt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_wish_inbound_id_inbound"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_wish_learner_id_learner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("inbound_id", "kind", name=op.f("uq_wish_inbound_id_kind")),
    )
    op.create_index(op.f("ix_wish_dealt_at"), "wish", ["dealt_at"], unique=False)
    op.create_index(op.f("ix_wish_inbound_id"), "wish", ["inbound_id"], unique=False)
    op.create_index(op.f("ix_wish_learner_id"), "wish", ["learner_id"], unique=False)
    op.create_table(
        "introduction_tag",
        sa.Column("introduction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introduction.id"],
            name=op.f("fk_introduction_tag_introduction_id_introduction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_introduction_tag_nugget_id_nugget"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("introduction_id", "nugget_id", name=op.f("pk_introduction_tag")),
    )
    op.create_index(op.f("ix_introduction_tag_nugget_id"), "introduction_tag", ["nugget_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inquiry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["facilitator.id"],
            name=op.f("fk_notice_facilitator_id_facilitator"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_notice_inquiry_id_inquiry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "inquiry_id", "facilitator_id", "kind", name=op.f("uq_notice_inquiry_id_facilitator_id_kind")
        ),
    )
    op.create_index(op.f("ix_notice_facilitator_id"), "notice", ["facilitator_id"], unique=False)
    op.create_index("ix_notice_state", "notice", ["state"], unique=False)
    op.create_table(
        "passage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nugget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inquiry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_passage_inquiry_id_inquiry"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["nugget_id"], ["nugget.id"], name=op.f("fk_passage_nugget_id_nugget"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        sa.UniqueConstraint("inquiry_id", name=op.f("uq_passage_inquiry_id")),
        sa.UniqueConstraint("nugget_id", name=op.f("uq_passage_nugget_id")),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE passage_words USING fts5(words, content='passage', content_rowid='id')")
        op.execute(
            "CREATE TRIGGER passage_words_added AFTER INSERT ON passage BEGIN INSERT INTO "
            "passage_words(rowid, words) VALUES (new.id, new.words); END"
        )
        op.execute(
            "CREATE TRIGGER passage_words_gone AFTER DELETE ON passage BEGIN INSERT INTO "
            "passage_words(passage_words, rowid, words) VALUES ('delete', old.id, old.words); END"
        )
        op.execute(
            "CREATE TRIGGER passage_words_changed AFTER UPDATE ON passage BEGIN INSERT INTO "
            "passage_words(passage_words, rowid, words) VALUES ('delete', old.id, old.words); INSERT "
            "INTO passage_words(rowid, words) VALUES (new.id, new.words); END"
        )
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE INDEX passage_words ON passage USING gin (to_tsvector('simple', words))")


def downgrade() -> None:
    """Take back what `upgrade` did."""
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER passage_words_added")
        op.execute("DROP TRIGGER passage_words_gone")
        op.execute("DROP TRIGGER passage_words_changed")
        op.execute("DROP TABLE passage_words")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX passage_words")
    op.drop_table("passage")
    op.drop_index("ix_notice_state", table_name="notice")
    op.drop_index(op.f("ix_notice_facilitator_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_introduction_tag_nugget_id"), table_name="introduction_tag")
    op.drop_table("introduction_tag")
    op.drop_index(op.f("ix_wish_learner_id"), table_name="wish")
    op.drop_index(op.f("ix_wish_inbound_id"), table_name="wish")
    op.drop_index(op.f("ix_wish_dealt_at"), table_name="wish")
    op.drop_table("wish")
    op.drop_index(op.f("ix_review_outbox_id"), table_name="review")
    op.drop_index("ix_review_nugget_id_voided_at", table_name="review")
    op.drop_index(op.f("ix_review_learner_id"), table_name="review")
    op.drop_index(op.f("ix_review_inbound_id"), table_name="review")
    op.drop_index(op.f("ix_review_at"), table_name="review")
    op.drop_table("review")
    op.drop_index("ix_join_request_cohort_id_outcome", table_name="join_request")
    op.drop_table("join_request")
    op.drop_index(op.f("ix_introduction_cohort_id"), table_name="introduction")
    op.drop_table("introduction")
    op.drop_index("ix_inquiry_state_due_at", table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_similar_to"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_outbox_id"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_nugget_id"), table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_facilitator_id"), table_name="inquiry")
    op.drop_index("ix_inquiry_cohort_id_state", table_name="inquiry")
    op.drop_index(op.f("ix_inquiry_account_id"), table_name="inquiry")
    op.drop_table("inquiry")
    op.drop_index(op.f("ix_event_post_inbound_id"), table_name="event_post")
    op.drop_table("event_post")
    op.drop_index(op.f("ix_signal_outbox_id"), table_name="signal")
    op.drop_table("signal")
    op.drop_index(op.f("ix_recall_post_recall_id"), table_name="recall_post")
    op.drop_index(op.f("ix_recall_post_outbox_id"), table_name="recall_post")
    op.drop_table("recall_post")
    op.drop_index(op.f("ix_quiz_post_quiz_id"), table_name="quiz_post")
    op.drop_index(op.f("ix_quiz_post_question_id"), table_name="quiz_post")
    op.drop_table("quiz_post")
    op.drop_index(op.f("ix_quiz_member_team_id"), table_name="quiz_member")
    op.drop_index(op.f("ix_quiz_member_learner_id"), table_name="quiz_member")
    op.drop_index(op.f("ix_quiz_member_author_remote_id"), table_name="quiz_member")
    op.drop_table("quiz_member")
    op.drop_index("ix_quiz_answer_quiz_id_at", table_name="quiz_answer")
    op.drop_index(op.f("ix_quiz_answer_learner_id"), table_name="quiz_answer")
    op.drop_index(op.f("ix_quiz_answer_author_remote_id"), table_name="quiz_answer")
    op.drop_table("quiz_answer")
    op.drop_index(op.f("ix_poll_cohort_id"), table_name="poll")
    op.drop_table("poll")
    op.drop_table("picture_upload")
    op.drop_index(op.f("ix_inbound_remote_id"), table_name="inbound")
    op.drop_index(op.f("ix_inbound_quote_of"), table_name="inbound")
    op.drop_index("ix_inbound_outbox_id_learner_id", table_name="inbound")
    op.drop_index("ix_inbound_outbox_id_created_at", table_name="inbound")
    op.drop_index(
        "ix_inbound_needs_person",
        table_name="inbound",
        sqlite_where=sa.text("needs_person IS 1"),
        postgresql_where=sa.text("needs_person IS true"),
    )
    op.drop_index("ix_inbound_learner_id_created_at", table_name="inbound")
    op.drop_index(op.f("ix_inbound_in_reply_to"), table_name="inbound")
    op.drop_index(op.f("ix_inbound_graded_at"), table_name="inbound")
    op.drop_index(op.f("ix_inbound_conversation_id"), table_name="inbound")
    op.drop_index(op.f("ix_inbound_author_remote_id"), table_name="inbound")
    op.drop_index(op.f("ix_inbound_account_id"), table_name="inbound")
    op.drop_table("inbound")
    op.drop_index(op.f("ix_deletion_state"), table_name="deletion")
    op.drop_index(op.f("ix_deletion_account_id"), table_name="deletion")
    op.drop_table("deletion")
    op.drop_table("course_post")
    op.drop_index(op.f("ix_attempt_since_id"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_reply_to"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_outbox_id"), table_name="attempt")
    op.drop_table("attempt")
    op.drop_index(op.f("ix_quiz_team_remote_user_id"), table_name="quiz_team")
    op.drop_table("quiz_team")
    op.drop_index(op.f("ix_quiz_question_nugget_id"), table_name="quiz_question")
    op.drop_table("quiz_question")
    op.drop_index(op.f("ix_programme_phase_schedule_id"), table_name="programme_phase")
    op.drop_index(op.f("ix_programme_phase_run_id"), table_name="programme_phase")
    op.drop_table("programme_phase")
    op.drop_index(op.f("ix_programme_item_run_id"), table_name="programme_item")
    op.drop_table("programme_item")
    op.drop_index(
        "uq_outbox_one_in_flight",
        table_name="outbox",
        sqlite_where=sa.text("state IN ('leased', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('leased', 'sending', 'unknown')"),
    )
    op.drop_index(
        "uq_outbox_occurrence_live",
        table_name="outbox",
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.drop_index(op.f("ix_outbox_wording_id"), table_name="outbox")
    op.drop_index("ix_outbox_text", table_name="outbox")
    op.drop_index(op.f("ix_outbox_reply_to_outbox_id"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_reply_to"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_remote_id"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_question_id"), table_name="outbox")
    op.drop_index("ix_outbox_posted", table_name="outbox")
    op.drop_index(op.f("ix_outbox_nugget_id"), table_name="outbox")
    op.drop_index("ix_outbox_latest", table_name="outbox")
    op.drop_index(op.f("ix_outbox_inbound_id"), table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_index(op.f("ix_outbox_cohort_id"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_account_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_option_question_id"), table_name="option")
    op.drop_table("option")
    op.drop_index(op.f("ix_invitation_enrollment_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_event_gap_event_id"), table_name="event_gap")
    op.drop_table("event_gap")
    op.drop_index(op.f("ix_event_follow_up_nugget_id"), table_name="event_follow_up")
    op.drop_table("event_follow_up")
    op.drop_index(op.f("ix_event_feed_since_id"), table_name="event_feed")
    op.drop_table("event_feed")
    op.drop_index(op.f("ix_enrollment_gap_enrollment_id"), table_name="enrollment_gap")
    op.drop_table("enrollment_gap")
    op.drop_index(op.f("ix_approval_wording_id"), table_name="approval")
    op.drop_index(op.f("ix_approval_text_hash"), table_name="approval")
    op.drop_index(op.f("ix_approval_question_id"), table_name="approval")
    op.drop_index(op.f("ix_approval_nugget_id"), table_name="approval")
    op.drop_index(op.f("ix_approval_cohort_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index(op.f("ix_wording_nugget_id"), table_name="wording")
    op.drop_table("wording")
    op.drop_index(op.f("ix_roster_import_cohort_id"), table_name="roster_import")
    op.drop_table("roster_import")
    op.drop_index(op.f("ix_quiz_state"), table_name="quiz")
    op.drop_index(op.f("ix_quiz_cohort_id"), table_name="quiz")
    op.drop_index(op.f("ix_quiz_account_id"), table_name="quiz")
    op.drop_table("quiz")
    op.drop_index(op.f("ix_quiet_cohort_id"), table_name="quiet")
    op.drop_table("quiet")
    op.drop_index(op.f("ix_question_nugget_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(op.f("ix_programme_run_programme_id"), table_name="programme_run")
    op.drop_index(op.f("ix_programme_run_cohort_id"), table_name="programme_run")
    op.drop_table("programme_run")
    op.drop_index(op.f("ix_prerequisite_requires_id"), table_name="prerequisite")
    op.drop_table("prerequisite")
    op.drop_index(op.f("ix_nugget_revision_nugget_id"), table_name="nugget_revision")
    op.drop_table("nugget_revision")
    op.drop_index(op.f("ix_memory_reset_recall_id"), table_name="memory_reset")
    op.drop_index(op.f("ix_memory_reset_nugget_id"), table_name="memory_reset")
    op.drop_table("memory_reset")
    op.drop_table("memory")
    op.drop_index(op.f("ix_member_role_member_id"), table_name="member_role")
    op.drop_index(op.f("ix_member_role_cohort_id"), table_name="member_role")
    op.drop_table("member_role")
    op.drop_table("joining")
    op.drop_index(op.f("ix_hold_cohort_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_index(op.f("ix_event_cohort_id"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_enrollment_learner_id"), table_name="enrollment")
    op.drop_index(op.f("ix_enrollment_cohort_id"), table_name="enrollment")
    op.drop_table("enrollment")
    op.drop_index(
        "uq_course_thread_open",
        table_name="course_thread",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_course_thread_state"), table_name="course_thread")
    op.drop_index(op.f("ix_course_thread_course_id"), table_name="course_thread")
    op.drop_index(op.f("ix_course_thread_cohort_id"), table_name="course_thread")
    op.drop_index(op.f("ix_course_thread_account_id"), table_name="course_thread")
    op.drop_table("course_thread")
    op.drop_index(op.f("ix_cohort_procedure_procedure_id"), table_name="cohort_procedure")
    op.drop_table("cohort_procedure")
    op.drop_index(op.f("ix_cohort_cadence_schedule_id"), table_name="cohort_cadence")
    op.drop_table("cohort_cadence")
    op.drop_index(op.f("ix_budget_cohort_id"), table_name="budget")
    op.drop_index(op.f("ix_budget_account_id"), table_name="budget")
    op.drop_table("budget")
    op.drop_index(op.f("ix_announcement_cohort_id"), table_name="announcement")
    op.drop_table("announcement")
    op.drop_index(op.f("ix_sign_in_link_member_id"), table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_index(op.f("ix_session_seen_at"), table_name="session")
    op.drop_index(op.f("ix_session_member_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_recall_procedure_id"), table_name="recall")
    op.drop_table("recall")
    op.drop_table("read_tally")
    op.drop_table("rate_window")
    op.drop_index(op.f("ix_parameters_procedure_id"), table_name="parameters")
    op.drop_table("parameters")
    op.drop_index(op.f("ix_nugget_procedure_id"), table_name="nugget")
    op.drop_index(op.f("ix_nugget_inbound_id"), table_name="nugget")
    op.drop_table("nugget")
    op.drop_index(op.f("ix_member_identity_member_id"), table_name="member_identity")
    op.drop_table("member_identity")
    op.drop_index(op.f("ix_cursor_since_id"), table_name="cursor")
    op.drop_table("cursor")
    op.drop_table("credential")
    op.drop_table("course_approval")
    op.drop_index(op.f("ix_consent_learner_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(op.f("ix_cohort_schedule_id"), table_name="cohort")
    op.drop_index(op.f("ix_cohort_facilitator_id"), table_name="cohort")
    op.drop_index(op.f("ix_cohort_account_id"), table_name="cohort")
    op.drop_table("cohort")
    op.drop_table("breaker")
    op.drop_index(op.f("ix_api_token_member_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_absence_learner_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_table("workspace")
    op.drop_index(op.f("ix_suppression_person"), table_name="suppression")
    op.drop_table("suppression")
    op.drop_index(op.f("ix_sign_in_start_expires_at"), table_name="sign_in_start")
    op.drop_table("sign_in_start")
    op.drop_index("ix_sign_in_attempt_mark_at", table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_at"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("schedule")
    op.drop_table("roster_version")
    op.drop_table("programme")
    op.drop_table("procedure")
    op.drop_table("picture")
    op.drop_table("member")
    op.drop_index(
        "uq_learner_employee_id",
        table_name="learner",
        sqlite_where=sa.text("employee_id <> ''"),
        postgresql_where=sa.text("employee_id <> ''"),
    )
    op.drop_index(op.f("ix_learner_handle"), table_name="learner")
    op.drop_index(op.f("ix_learner_employee_id"), table_name="learner")
    op.drop_table("learner")
    op.drop_table("leader")
    op.drop_index(op.f("ix_kept_answer_at"), table_name="kept_answer")
    op.drop_table("kept_answer")
    op.drop_table("heartbeat")
    op.drop_table("facilitator")
    op.drop_table("course")
    op.drop_table("column_map")
    op.drop_table("audit_head")
    op.drop_table("audit")
    op.drop_table("account")
