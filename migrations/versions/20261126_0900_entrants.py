"""Who takes part beside whole units, who wins nothing, registration with entry codes, and consent."""

import sqlalchemy as sa
from alembic import op

revision = 'entrants'
down_revision = 'awards'
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def _key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=op.f(f'fk_{table}_{column}_{other}'))


def upgrade() -> None:
    with op.batch_alter_table('contest_units') as table:
        table.add_column(sa.Column('with_below', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('contest_units') as table:
        table.alter_column('with_below', existing_type=sa.Boolean(), server_default=None)
    op.create_table('excluded_units',
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        _key('excluded_units', 'contest_id', 'contests'),
        _key('excluded_units', 'unit_id', 'units'),
        sa.PrimaryKeyConstraint('contest_id', 'unit_id', name=op.f('pk_excluded_units')),
    )
    op.create_table('contest_people',
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('takes_part', sa.Boolean(), nullable=True),
        sa.Column('may_win', sa.Boolean(), nullable=False),
        sa.Column('is_mandatory', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.String(20), nullable=False),
        sa.Column('note', sa.String(300), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', AT, nullable=False),
        _key('contest_people', 'contest_id', 'contests'),
        _key('contest_people', 'member_id', 'members'),
        _key('contest_people', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('contest_id', 'member_id', name=op.f('pk_contest_people')),
    )
    op.create_index(op.f('ix_contest_people_member_id'), 'contest_people', ['member_id'])
    op.create_table('registration_settings',
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('way', sa.String(20), nullable=False),
        sa.Column('fields', sa.JSON(), nullable=False),
        sa.Column('required', sa.JSON(), nullable=False),
        _key('registration_settings', 'contest_id', 'contests'),
        sa.PrimaryKeyConstraint('contest_id', name=op.f('pk_registration_settings')),
    )
    op.create_table('entry_codes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('secret', sa.String(43), nullable=False),
        sa.Column('typed', sa.String(20), nullable=False),
        sa.Column('valid_from', AT, nullable=False),
        sa.Column('valid_until', AT, nullable=True),
        sa.Column('replaced_at', AT, nullable=True),
        _key('entry_codes', 'contest_id', 'contests'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_entry_codes')),
        sa.UniqueConstraint('secret', name=op.f('uq_entry_codes_secret')),
        sa.UniqueConstraint('typed', name=op.f('uq_entry_codes_typed')),
    )
    op.create_index(op.f('ix_entry_codes_contest_id'), 'entry_codes', ['contest_id'])
    op.create_table('consent_texts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('collected', 'why', 'seen_by', 'kept_for', 'rights')),
        sa.Column('created_at', AT, nullable=False),
        _key('consent_texts', 'contest_id', 'contests'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_texts')),
        sa.UniqueConstraint('contest_id', 'version', name=op.f('uq_consent_texts_contest_id_version')),
    )
    op.create_table('consents',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('text_id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('purpose', sa.String(20), nullable=False),
        sa.Column('way', sa.String(20), nullable=False),
        sa.Column('given_at', AT, nullable=False),
        sa.Column('withdrawn_at', AT, nullable=True),
        _key('consents', 'text_id', 'consent_texts'),
        _key('consents', 'contest_id', 'contests'),
        _key('consents', 'member_id', 'members'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consents')),
    )
    given = sa.text('withdrawn_at IS NULL')
    op.create_index('uq_consents_given', 'consents', ['contest_id', 'member_id', 'purpose'], unique=True,
                    sqlite_where=given, postgresql_where=given)
    op.create_index('ix_consents_member', 'consents', ['member_id'])
    op.create_table('registrations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('registered_at', AT, nullable=False),
        sa.Column('ended_at', AT, nullable=True),
        sa.Column('way', sa.String(20), nullable=False),
        sa.Column('fields', sa.JSON(), nullable=False),
        sa.Column('identity_digest', sa.String(64), nullable=True),
        sa.Column('consent_id', sa.Integer(), nullable=False),
        _key('registrations', 'contest_id', 'contests'),
        _key('registrations', 'member_id', 'members'),
        _key('registrations', 'consent_id', 'consents'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_registrations')),
        sa.UniqueConstraint('contest_id', 'member_id', name=op.f('uq_registrations_contest_id_member_id')),
        sa.UniqueConstraint('contest_id', 'identity_digest', name='uq_registrations_identity'),
    )
    op.create_index(op.f('ix_registrations_member_id'), 'registrations', ['member_id'])


def downgrade() -> None:
    for name in ('registrations', 'consents', 'consent_texts', 'entry_codes', 'registration_settings', 'contest_people',
                 'excluded_units'):
        op.drop_table(name)
    with op.batch_alter_table('contest_units') as table:
        table.drop_column('with_below')
