-- Tables of Understudy. Payloads are `json` (exact text: key order and numbers stay as written, so digests can be recomputed);
-- what is searched for has a column of its own. Migrations go forward only and never change once released.

create table definitions (
  digest text primary key,
  model text not null,
  plan json not null,
  code_commit text not null,
  created_at timestamptz not null default now()
);

create table models (
  model text primary key,
  clock text not null check (clock in ('wall', 'simulated')),
  digest text not null references definitions (digest),
  updated_at timestamptz not null default now()
);

-- ---- effects: what has happened once ------------------------------------------------------------------------------------------
create table effects (
  key text primary key,
  model text not null,
  input_digest text not null,
  result json not null,
  created_at timestamptz not null default now()
);
create index effects_by_model on effects (model);

create table audit (
  id bigint generated always as identity primary key,
  model text not null,
  at timestamptz not null default now(),
  as_of timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  details jsonb not null,
  effect text
);
create index audit_by_model on audit (model, id);
comment on column audit.effect is 'Key of the effect in whose transaction the row was written; null: outside of the ledger.';

create table outbox (
  id bigint generated always as identity primary key,
  key text not null unique,
  model text not null,
  alert json not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  delivered_at timestamptz,
  last_error text,
  created_at timestamptz not null default now()
);
create index outbox_due on outbox (next_attempt_at, id) where delivered_at is null;
create index outbox_by_model on outbox (model, id);

-- ---- data ---------------------------------------------------------------------------------------------------------------------
create table splits (
  file_sha256 text not null,
  split_digest text not null,
  days json not null,
  created_at timestamptz not null default now(),
  primary key (file_sha256, split_digest)
);

create table partition_revisions (
  model text not null,
  table_name text not null,
  partition date not null,
  revision integer not null check (revision > 0),
  data json not null,
  data_sha256 text not null,
  quarantine json,
  rows integer not null check (rows >= 0),
  quarantined_rows integer not null check (quarantined_rows >= 0),
  available_at timestamptz not null,
  statistics json not null,
  quarantined json not null,
  accepted_at timestamptz not null default now(),
  primary key (model, table_name, partition, revision)
);

create table partition_rejections (
  id bigint generated always as identity primary key,
  model text not null,
  table_name text not null,
  partition date not null,
  sha256 text not null,
  message text not null,
  at timestamptz not null default now()
);
create index partition_rejections_by_model on partition_rejections (model, id);

create table feature_partitions (
  key text primary key,
  view_name text not null,
  day date not null,
  data json not null,
  rows integer not null check (rows >= 0),
  created_at timestamptz not null default now()
);

create table snapshots (
  id text primary key,
  model text not null,
  reference json not null,
  sequence bigint generated always as identity,
  created_at timestamptz not null default now()
);
create index snapshots_by_model on snapshots (model, sequence);

-- ---- registry -----------------------------------------------------------------------------------------------------------------
-- The same table as VERSION_TRANSITIONS in the code; a test compares them.
create table version_transitions (
  from_state text not null,
  to_state text not null,
  primary key (from_state, to_state)
);
insert into version_transitions (from_state, to_state) values
  ('candidate', 'champion'), ('candidate', 'rejected'), ('candidate', 'deleted'),
  ('rejected', 'champion'), ('rejected', 'deleted'),
  ('champion', 'previous'), ('champion', 'archived'), ('champion', 'quarantined'),
  ('previous', 'champion'), ('previous', 'archived'), ('previous', 'quarantined'),
  ('archived', 'champion'), ('archived', 'previous'), ('archived', 'deleted'),
  ('quarantined', 'champion'), ('quarantined', 'deleted');

create table model_versions (
  model text not null,
  version integer not null check (version > 0),
  contender text not null,
  state text not null check (state in ('candidate', 'rejected', 'champion', 'previous', 'archived', 'quarantined', 'deleted')),
  onnx json not null,
  signature json not null,
  training json not null,
  lineage json not null,
  logical_time date not null,
  snapshot text not null,
  created_at timestamptz not null default now(),
  primary key (model, version),
  -- Deferred, because a roll-back to previous swaps the two states one row after the other.
  constraint one_previous_per_model exclude (model with =) where (state = 'previous') deferrable initially deferred
);
create unique index one_champion_per_model on model_versions (model) where state = 'champion';
create index model_versions_by_contender on model_versions (model, contender, version);

create table champions (
  model text primary key,
  version integer,
  previous integer,
  epoch integer not null default 0 check (epoch >= 0),
  since timestamptz not null default 'epoch',
  foreign key (model, version) references model_versions (model, version),
  foreign key (model, previous) references model_versions (model, version),
  constraint champions_moved check ((version is null) = (epoch = 0)),
  constraint champions_previous_differs check (previous <> version)
);

create table champion_moves (
  model text not null,
  epoch integer not null,
  from_version integer,
  to_version integer not null,
  previous integer,
  why text not null check (why in ('promotion', 'override', 'fallback', 'rollback')),
  actor text not null,
  reason text not null,
  decision text,
  quarantined integer,
  as_of timestamptz not null,
  at timestamptz not null default now(),
  primary key (model, epoch)
);

create table evaluations (
  model text not null,
  version integer not null,
  snapshot text not null,
  evaluation json not null,
  created_at timestamptz not null default now(),
  primary key (model, version, snapshot)
);

create table decisions (
  id bigint generated always as identity,
  model text not null,
  digest text not null,
  cycle text not null,
  logical_time date not null,
  snapshot text not null,
  definition_digest text not null,
  verdict text not null check (verdict in ('promote', 'keep', 'reject')),
  proposed_version integer,
  decision json not null,
  created_at timestamptz not null default now(),
  primary key (model, digest)
);
create index decisions_by_model on decisions (model, id);
create index decisions_by_snapshot on decisions (model, snapshot, definition_digest);

create table approvals (
  id bigint generated always as identity primary key,
  model text not null,
  digest text not null,
  verdict text not null check (verdict in ('approved', 'rejected', 'expired', 'superseded')),
  actor text not null,
  comment text not null,
  at timestamptz not null default now(),
  foreign key (model, digest) references decisions (model, digest)
);
create index approvals_by_decision on approvals (model, digest, id);

-- ---- serving and monitoring ---------------------------------------------------------------------------------------------------
create table predictions (
  model text not null,
  partition date not null,
  entity_key text not null,
  version integer not null,
  as_of timestamptz not null,
  probability double precision not null check (probability >= 0 and probability <= 1),
  logged_at timestamptz not null default now(),
  primary key (model, partition, entity_key)
);

create table monitor_reports (
  model text not null,
  day date not null,
  verdict text not null check (verdict in ('nothing', 'alert', 'retrain', 'fallback')),
  report json not null,
  created_at timestamptz not null default now(),
  primary key (model, day)
);

-- ---- rules that hold whoever writes -----------------------------------------------------------------------------------------------
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or deleted.', tg_table_name
    using errcode = 'restrict_violation', table = tg_table_name, constraint = tg_table_name || '_append_only';
end $$;

create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
create trigger champion_moves_append_only before update or delete or truncate on champion_moves
  for each statement execute function refuse_change();
create trigger approvals_append_only before update or delete or truncate on approvals
  for each statement execute function refuse_change();
create trigger model_versions_kept before delete or truncate on model_versions
  for each statement execute function refuse_change();
create trigger champions_kept before truncate on champions
  for each statement execute function refuse_change();

create function guard_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'candidate' then
      raise exception 'Version % of % starts as candidate, not as %.', new.version, new.model, new.state
        using errcode = 'check_violation', table = 'model_versions', constraint = 'version_transition';
    end if;
    return new;
  end if;
  if (new.model, new.version, new.contender, new.onnx::text, new.signature::text, new.training::text, new.lineage::text,
      new.logical_time, new.snapshot, new.created_at)
     is distinct from
     (old.model, old.version, old.contender, old.onnx::text, old.signature::text, old.training::text, old.lineage::text,
      old.logical_time, old.snapshot, old.created_at) then
    raise exception 'Only the state of version % of % may change.', old.version, old.model
      using errcode = 'check_violation', table = 'model_versions', constraint = 'version_immutable';
  end if;
  if new.state <> old.state and not exists (
    select from version_transitions t where t.from_state = old.state and t.to_state = new.state
  ) then
    raise exception 'Version % of % is %; it cannot become %.', old.version, old.model, old.state, new.state
      using errcode = 'check_violation', table = 'model_versions', constraint = 'version_transition';
  end if;
  return new;
end $$;
create trigger model_versions_guard before insert or update on model_versions
  for each row execute function guard_version();

create function guard_champion() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'The champion pointer of % never disappears.', old.model
      using errcode = 'restrict_violation', table = 'champions', constraint = 'champion_kept';
  end if;
  if new.model <> old.model or new.epoch <> old.epoch + 1 then
    raise exception 'The epoch of % is %; a move makes it %, not %.', old.model, old.epoch, old.epoch + 1, new.epoch
      using errcode = 'check_violation', table = 'champions', constraint = 'champion_epoch';
  end if;
  return new;
end $$;
create trigger champions_guard before update or delete on champions
  for each row execute function guard_champion();
