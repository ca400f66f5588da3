// Writes a drafted contract as TypeScript for a definition, with what the file says of each column beside it.
import type { InferredColumn, InferredTable } from './infer';

const BUILDERS = { csv: 'csvTable', tsv: 'tsvTable', jsonl: 'jsonlTable', parquet: 'parquetTable' } as const;
/** Frequent values and characters of a value that a comment shows. */
const SHOWN_VALUES = 5;
const SHOWN_CHARACTERS = 24;

/**
 * The draft as the text of a module that exports the table under its name.
 * @param path what stands for the file in the draft; default: the path that was read.
 */
export function draftText(draft: InferredTable, path: string = draft.source.path): string {
  const { name, file, rows, partial, columns, key, table } = draft;
  const { format, partitionBy, ...dialect } = draft.source;
  const source = { ...dialect, path };
  const count = partial ? `the first ${figure(rows)} rows` : `all ${figure(rows)} rows`;
  const lines = [
    `import { ${BUILDERS[format]} } from 'understudy';`,
    '',
    `// Drafted from ${count} of ${oneLine(file)}. Bounds and values are those of the file: widen what may grow.`,
    `export const ${name.replace(/[-_]+(.)/g, (_, c: string) => c.toUpperCase()).replace(/[-_]+$/, '')} = ${BUILDERS[format]}({`,
    ...Object.entries(source).map(([field, value]) => `  ${field}: ${literal(value)},`),
    ...(partitionBy === undefined
      ? [
          '  // No column gives the day of every row: write it into the path as {yyyy}, {MM} and {dd}, or set partitionBy.',
        ]
      : [`  partitionBy: ${literal(partitionBy)},`]),
    '  // When the rows of day D exist, in local time: set what is true.',
    `  availableAt: ${literal(table.availableAt)},`,
    '  columns: {',
    ...columns.flatMap((column) => [
      `    // ${describe(column)}`,
      `    ${property(column.name)}: ${literal(column.plan)},`,
    ]),
    '  },',
    ...(key.repeated === 0
      ? []
      : [
          `  // Not unique: ${figure(key.repeated)} rows repeat a key and would go to quarantine. Find better columns.`,
        ]),
    `  key: ${literal(table.key)},`,
    '});',
  ];
  return `${lines.join('\n')}\n`;
}

function describe({ rows, nulls, distinct, min, max, mean, top }: InferredColumn): string {
  const parts = [`${figure(rows)} rows`, `${figure(nulls)} missing`, `${figure(distinct)} distinct`];
  if (min !== null) parts.push(`${short(min)} to ${short(max!)}`);
  if (mean !== null) parts.push(`mean ${Number(mean.toPrecision(6))}`);
  const repeated = top.filter(({ count }) => count > 1).slice(0, SHOWN_VALUES);
  if (repeated.length > 0)
    parts.push(`top ${repeated.map(({ value, count }) => `${short(value)} (${figure(count)})`).join(', ')}`);
  return parts.join(', ');
}

function short(value: string | number): string {
  const text = oneLine(String(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** A comment must end where its line ends. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function figure(count: number): string {
  return count.toLocaleString('en-US');
}

function property(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoted(name);
}

function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([field, each]) => `${property(field)}: ${literal(each)}`);
  return `{ ${fields.join(', ')} }`;
}

/** JSON's escapes are TypeScript's; single quotes are the house style. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
