"""Triggers that keep what is evidence: no change and no removal of responses, audit entries, keys and versions' content."""

from alembic import op

revision = "guards"
down_revision = "tables"
branch_labels = None
depends_on = None

# Tables whose rows are never changed, and columns of others that never change.
APPEND_ONLY = (
    "responses",
    "late_responses",
    "audit_entries",
    "audit_seals",
    "audit_sealed",
    "answer_keys",
    "settlements",
)
FIXED = {
    "question_versions": ("question_id", "number", "kind", "text", "options"),
    "attempts": ("paper", "member_id", "round_id", "number", "started_at"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table, columns in FIXED.items():
        op.execute(
            f"CREATE TRIGGER guard_{table}_update BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"WHEN {' OR '.join(f'OLD.{c} IS NOT NEW.{c}' for c in columns)} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {', '.join(columns)} never change'); END"
        )
        op.execute(
            f"CREATE TRIGGER guard_{table}_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are never removed'); END"
        )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    for table, columns in FIXED.items():
        changed = " OR ".join(f"OLD.{c}::text IS DISTINCT FROM NEW.{c}::text" for c in columns)
        op.execute(
            f"CREATE TRIGGER guard_{table}_update BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER guard_{table}_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    names = [(f"guard_{t}_{v}", t) for t in (*APPEND_ONLY, *FIXED) for v in ("update", "delete")]
    if postgres:
        names = [(f"guard_{t}", t) for t in APPEND_ONLY] + [
            (f"guard_{t}_{v}", t) for t in FIXED for v in ("update", "delete")
        ]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION refuse_change()")
