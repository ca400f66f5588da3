-- Trainings by jobs elsewhere: when each was first asked for, and the call-backs that came.

create table training_jobs (
  key text primary key check (key ~ '^[0-9a-f]{64}$'),
  model text not null,
  contender text not null,
  token text not null unique,
  calls integer not null default 0,
  started_at timestamptz not null default now()
);
comment on column training_jobs.key is 'SHA-256 of challenger and request: the same training always has the same job.';
comment on column training_jobs.token is 'The part of the call-back address that nobody else can guess; whoever posts there makes us look at the job, no more.';
