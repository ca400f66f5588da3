// A text of everything that the migrations made, from the catalogue, the same on every supported PostgreSQL.
import type { Client } from 'pg';

const QUERIES: readonly (readonly [title: string, sql: string])[] = [
  [
    'columns',
    `select format('%s.%s %s%s%s%s', table_name, column_name, data_type, case is_nullable when 'NO' then ' not null' else '' end,
            ' default ' || column_default, case is_identity when 'YES' then ' identity' end) as line
     from information_schema.columns where table_schema = current_schema() order by table_name collate "C", ordinal_position`,
  ],
  [
    // Not-null rows are left out: only newer servers list them as constraints.
    'constraints',
    `select format('%s %s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
     from pg_constraint where connamespace = current_schema()::regnamespace and contype in ('p', 'u', 'f', 'c', 'x')
     order by conrelid::regclass::text collate "C", conname collate "C"`,
  ],
  [
    'indexes',
    `select indexdef as line from pg_indexes where schemaname = current_schema() order by indexname collate "C"`,
  ],
  [
    'triggers',
    `select pg_get_triggerdef(t.oid) as line from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where not tgisinternal and c.relnamespace = current_schema()::regnamespace order by pg_get_triggerdef(t.oid) collate "C"`,
  ],
  [
    'functions',
    `select pg_get_functiondef(oid) as line from pg_proc
     where pronamespace = current_schema()::regnamespace and prokind = 'f'
       and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e') order by proname collate "C"`,
  ],
  [
    'version_transitions',
    `select from_state || ' -> ' || to_state as line from version_transitions order by from_state collate "C", to_state collate "C"`,
  ],
];

export async function dumpSchema(client: Client): Promise<string> {
  const sections: string[] = [];
  for (const [title, sql] of QUERIES) {
    const { rows } = await client.query<{ line: string }>(sql);
    sections.push(`-- ${title}\n${rows.map(({ line }) => line.trimEnd()).join('\n')}\n`);
  }
  return sections.join('\n');
}
