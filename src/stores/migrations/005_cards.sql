-- Explanations of versions: what counts in a model, made once when it has been evaluated.

create table explanations (
  model text not null,
  version integer not null,
  artifact json not null,
  created_at timestamptz not null default now(),
  primary key (model, version)
);
comment on column explanations.artifact is 'Reference to the JSON of an Explanation (src/domain/evaluation/explanation.ts).';
