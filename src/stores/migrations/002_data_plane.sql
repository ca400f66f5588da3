-- The data plane: results of checks, verdicts on quarantined rows, arrivals, watermarks, pushed rows, view versions, online features,
-- and feature files that were put together.

alter table partition_revisions add column sketches json;
comment on column partition_revisions.sketches is 'Column -> mergeable statistics (ColumnSketch).';

create table partition_checks (
  model text not null,
  table_name text not null,
  partition date not null,
  ordinal integer not null check (ordinal > 0),
  sha256 text not null,
  contract_digest text not null,
  verdict text not null check (verdict in ('accepted', 'rejected')),
  revision integer,
  compared_with text,
  outcomes json not null,
  source_types json,
  at timestamptz not null default now(),
  primary key (model, table_name, partition, ordinal),
  check ((revision is null) = (verdict = 'rejected')),
  check ((compared_with is null) = (verdict = 'accepted'))
);
comment on column partition_checks.ordinal is 'Of the checked deliveries of the partition, in the order in which they were judged.';
comment on column partition_checks.compared_with is 'Of a rejection: the digest of the other partitions that the delivery was compared with.';
comment on column partition_checks.contract_digest is 'Of what decides a check: the contract, and the rules that a person waived.';
comment on column partition_checks.source_types is 'Raw column -> type in the delivered file, where the format has types.';

create table quarantine_verdicts (
  id bigint generated always as identity primary key,
  model text not null,
  table_name text not null,
  partition date not null,
  rule text not null,
  verdict text not null check (verdict in ('released', 'discarded')),
  rows integer not null check (rows >= 0),
  actor text not null,
  reason text not null,
  as_of timestamptz not null,
  at timestamptz not null default now(),
  unique (model, table_name, partition, rule)
);

create table arrivals (
  model text not null,
  id text not null,
  source text not null check (source in ('signal', 'update', 'tick', 'poll', 'push', 'release')),
  table_name text,
  partition date,
  sha256 text,
  outcome text not null check (outcome in ('started', 'merged', 'refused')),
  reason text not null,
  work text,
  as_of timestamptz not null,
  sequence bigint generated always as identity,
  at timestamptz not null default now(),
  primary key (model, id)
);
create index arrivals_by_model on arrivals (model, sequence);

create table watermarks (
  model text not null,
  table_name text not null,
  since date not null,
  through date not null,
  updated_at timestamptz not null default now(),
  primary key (model, table_name)
);

create table push_batches (
  model text not null,
  table_name text not null,
  batch text not null,
  rows integer not null check (rows > 0),
  digest text not null,
  partitions json not null,
  received_at timestamptz not null default now(),
  primary key (model, table_name, batch)
);
create table pushed_rows (
  model text not null,
  table_name text not null,
  sequence bigint generated always as identity,
  batch text not null,
  partition date not null,
  event_time timestamptz not null,
  row json not null,
  primary key (model, table_name, sequence),
  foreign key (model, table_name, batch) references push_batches
);
create index pushed_rows_by_partition on pushed_rows (model, table_name, partition, sequence);
create index pushed_rows_by_batch on pushed_rows (model, table_name, batch);
create table push_announcements (
  model text not null,
  table_name text not null,
  partition date not null,
  newest bigint not null,
  through bigint not null default 0,
  waiting_since timestamptz,
  announced_at timestamptz,
  primary key (model, table_name, partition),
  check (newest <= through or waiting_since is not null)
);
create index push_announcements_waiting on push_announcements (waiting_since) where waiting_since is not null;
comment on table push_announcements is 'Of each partition the newest pushed row, and the last one that the lifecycle was told of.';

create table push_archives (
  model text not null,
  table_name text not null,
  partition date not null,
  -- Rows after the first and up to the second sequence.
  after bigint not null check (after >= 0),
  through bigint not null,
  rows integer not null check (rows > 0),
  data json not null,
  archived_at timestamptz not null default now(),
  primary key (model, table_name, partition, through),
  unique (model, table_name, partition, after),
  check (after < through)
);
comment on table push_archives is 'Pushed rows that lie in an artifact: those of a partition, in the order of their sequence, archive by archive.';

create table feature_view_versions (
  view_name text not null,
  digest text not null,
  version integer not null check (version > 0),
  model text not null,
  owner text not null,
  description text not null,
  sql text not null,
  created_at timestamptz not null default now(),
  primary key (view_name, digest),
  unique (view_name, version)
);
alter table feature_partitions add column view_digest text;
create index feature_partitions_by_view on feature_partitions (view_name, day);
create table feature_files (
  key text primary key references feature_partitions (key),
  data json not null,
  compacted_at timestamptz not null default now()
);
alter table snapshots add column labels json;
comment on column snapshots.labels is 'Label partitions that the snapshot was built of, so that retention keeps them with it.';
comment on table feature_files is 'Feature partitions whose rows lie in a file of many days; their own file may be gone.';

create table online_features (
  model text not null,
  view_name text not null,
  -- Two contents of a view are online side by side while versions of both serve.
  view_digest text not null,
  entity_key text not null,
  event_time timestamptz not null,
  day date not null,
  feature_key text not null,
  features json not null,
  -- In this order, because clients ask for an entity with all its views.
  primary key (model, entity_key, view_digest)
);
create index online_features_by_day on online_features (model, day);
create table online_partitions (
  model text not null,
  view_digest text not null,
  day date not null,
  feature_key text not null,
  primary key (model, view_digest, day)
);
comment on table online_partitions is 'Feature partitions that were put into online_features, also those whose entities all have newer values.';
