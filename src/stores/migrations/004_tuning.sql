-- Searches for parameters: a row per study, and every trial of it, kept for ever.

create table studies (
  model text not null,
  study text not null,
  contender text not null,
  logical_time date not null,
  snapshot text not null,
  workflow text not null,
  settings json not null,
  ended text check (ended in ('budget', 'time-limit', 'stopped', 'cancelled', 'failed')),
  best integer,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (model, study),
  check ((ended is null) = (ended_at is null))
);
comment on column studies.study is 'Digest of all that decides what a trial gives: training rows, trainer, fixed parameters, space, folds.';
comment on column studies.workflow is 'The one that runs it, or ran it last.';

create table trials (
  model text not null,
  study text not null,
  number integer not null check (number >= 0),
  state text not null check (state in ('running', 'complete', 'pruned', 'failed', 'stopped')),
  seed bigint not null,
  history json,
  params json,
  value double precision,
  folds json not null default '[]',
  seconds double precision,
  message text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (model, study, number),
  foreign key (model, study) references studies (model, study),
  check ((state = 'running') = (ended_at is null)),
  check ((state in ('complete', 'pruned')) = (value is not null)),
  check (value is null or params is not null)
);
comment on column trials.history is 'What a running trial was told of those before it; empty once it has ended.';

-- What later trials were told, and what a version was trained with, never changes.
create function guard_trial() returns trigger language plpgsql as $$
begin
  if old.state in ('complete', 'pruned', 'failed') then
    raise exception 'Trial % of the study % of % has ended; it is never changed.', old.number, old.study, old.model
      using errcode = 'check_violation', table = 'trials', constraint = 'trial_ended';
  end if;
  return new;
end $$;
create trigger trials_guard before update on trials for each row execute function guard_trial();
create trigger trials_kept before delete or truncate on trials for each statement execute function refuse_change();
