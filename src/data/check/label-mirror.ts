// A number column that tells the label by itself: most often a value that is known only afterwards, and has no place among the features.
import type { TablePlan } from '../../domain/plan/plan';
import type { Target } from '../../domain/evaluation/task';
import { rocAuc } from '../../statistics/metrics/binary/ranking';
import { modelSql, type Connection } from '../engine';
import { labelNumber } from '../label-sql';
import { quoteName, quoteText } from '../sql-text';
import type { CheckSurroundings } from './check-request';
import type { Finding } from './findings';

/** Fewer rows than this with and without the label order themselves by chance. */
const LEAST_OF_EACH = 10;
/** With more rows, a fixed sample of about this many (by the hash of the key) is looked at. */
const MOST_ROWS = 200_000;

export interface LabelMirrorInput {
  readonly table: string;
  readonly plan: TablePlan;
  readonly label: CheckSurroundings['label'];
  /** Relation of the good rows, and how many they are. */
  readonly good: string;
  readonly rows: number;
}

/**
 * ROC AUC of each number column against the label, where it is known: of several classes, against each of them, and the farthest from a half counts;
 * of numbers, against those above the median. Columns that the label itself is made of are left out.
 */
export async function labelMirrorFindings(connection: Connection, input: LabelMirrorInput): Promise<Finding[]> {
  const { plan, label } = input;
  const rule = plan.partitionRules.labelMirror;
  if (!rule) return [];
  const common = { check: 'labelMirror', kind: 'partition' } as const;
  const passed = (found: string): Finding => ({
    ...common,
    verdict: 'passed',
    what: '',
    found,
    allowed: `below ${rule.maxAuc}`,
  });
  if (!label) return [passed('the label of the day is not known')];
  const ofLabel = (name: string) => label.path === null && new RegExp(`\\b${name}\\b`, 'i').test(label.sql);
  const names = Object.entries(plan.columns).flatMap(([name, { type }]) =>
    (type === 'integer' || type === 'number') && !rule.except.includes(name) && !ofLabel(name) ? [name] : [],
  );
  if (names.length === 0) return [passed('no column to look at')];
  const { labels, columns } = await modelSql(`table ${input.table}, label`, () =>
    labelled(connection, input, label, names),
  );
  return names.map((name, i): Finding => {
    const present = [...labels.keys()].filter((row) => !Number.isNaN(columns[i]![row]!));
    const known = Float64Array.from(present, (row) => labels[row]!);
    const values = Float64Array.from(present, (row) => columns[i]![row]!);
    const aucs = splitsOf(label.target, known).map((split) => rocAuc(split, values));
    if (aucs.length === 0) return passed(`column ${name}: too few labelled rows`);
    const auc = aucs.reduce((worst, each) => (Math.abs(each - 0.5) > Math.abs(worst - 0.5) ? each : worst));
    return {
      ...common,
      verdict: Math.max(auc, 1 - auc) >= rule.maxAuc ? 'rejected' : 'passed',
      what: `column ${name}: it tells the label by itself; is it known only afterwards?`,
      found: `ROC AUC ${auc.toFixed(4)} in ${known.length} rows`,
      allowed: `between ${Number((1 - rule.maxAuc).toPrecision(6))} and ${rule.maxAuc}`,
    };
  });
}

/** The label as yes and no, as often as its task needs; those with too few rows of either are left out. */
function splitsOf({ task, classes = [] }: Target, known: Float64Array): Float64Array[] {
  const splits =
    task === 'binary'
      ? [known]
      : task === 'multiclass'
        ? classes.map((_, index) => known.map((value) => Number(value === index)))
        : [aboveMedian(known)];
  return splits.filter((split) => {
    const positives = split.reduce((sum, value) => sum + value, 0);
    return Math.min(positives, split.length - positives) >= LEAST_OF_EACH;
  });
}

function aboveMedian(known: Float64Array): Float64Array {
  const median = [...known].sort((a, b) => a - b)[Math.floor((known.length - 1) / 2)] ?? 0;
  return known.map((value) => Number(value > median));
}

async function labelled(
  connection: Connection,
  { good, rows }: LabelMirrorInput,
  { key, sql, path, target }: NonNullable<CheckSurroundings['label']>,
  names: readonly string[],
): Promise<{ labels: number[]; columns: number[][] }> {
  const k = quoteName(key);
  const label = `${labelNumber(target, sql)} AS __label`;
  const values = names.map((name, i) => `CAST(${quoteName(name)} AS DOUBLE) AS v${i}`).join(', ');
  const sampled = rows > MOST_ROWS ? `WHERE hash(${k}) % ${Math.ceil(rows / MOST_ROWS)} = 0` : '';
  const ours = `(SELECT * FROM ${good} ${sampled})`;
  const query =
    path === null
      ? `SELECT ${label}, ${values} FROM ${ours}`
      : `SELECT l.__label, ${values} FROM ${ours} o JOIN (SELECT ${k} AS __key, ${label} FROM read_parquet(${quoteText(path)})) l ON o.${k} = l.__key`;
  const labels: number[] = [];
  const columns = names.map((): number[] => []);
  await connection.chunks(`SELECT * FROM (${query}) WHERE __label IS NOT NULL`, ({ rows: count, vectors }) => {
    for (let row = 0; row < count; row++) {
      labels.push(Number(vectors[0]!.getItem(row)));
      for (const [i, column] of columns.entries()) column.push(Number(vectors[i + 1]!.getItem(row) ?? NaN));
    }
  });
  return { labels, columns };
}
