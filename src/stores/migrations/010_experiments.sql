-- Versions that a person tried beside the cycles: kept, shown and swept, never served.

alter table model_versions drop constraint model_versions_state_check;
alter table model_versions add constraint model_versions_state_check
  check (state in ('candidate', 'experiment', 'rejected', 'champion', 'previous', 'archived', 'quarantined', 'deleted'));

insert into version_transitions (from_state, to_state) values ('experiment', 'deleted');

create or replace function guard_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> (case when new.lineage::jsonb ? 'experiment' then 'experiment' else 'candidate' end) then
      raise exception 'Version % of % starts as candidate, or as experiment where its lineage says so, not as %.', new.version, new.model, new.state
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
