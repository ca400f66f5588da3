// Rules on what the values of a column are like, against the recent partitions together: their distribution, and new categories.
import type { ColumnSketch } from '../../domain/data/partitions';
import type { ColumnPlan } from '../../domain/plan/plan';
import { psiOfSketches } from '../../statistics/drift/sketches/sketch-psi';
import { mergeSketches } from '../../statistics/sketches';
import type { RecentPartition } from './check-request';
import { short, type Finding } from './findings';
import { LEAST_RECENT, type PartitionRuleInput } from './partition-rules';

/** Population stability index of each column of the rule. */
export function distributionFindings({
  rules: { distribution: rule },
  delivery,
  recent,
}: PartitionRuleInput): Finding[] {
  if (!rule) return [];
  return rule.columns.map((column): Finding => {
    const sketches = sketchesOf(recent, column);
    const current = delivery.sketches[column];
    const psi = current && sketches.length >= LEAST_RECENT ? psiOfSketches(mergeSketches(sketches), current) : NaN;
    const common = { check: 'distribution', kind: 'partition' } as const;
    if (Number.isNaN(psi))
      return {
        ...common,
        verdict: 'passed',
        what: '',
        found: 'nothing to compare',
        allowed: `compared from ${LEAST_RECENT} on`,
      };
    return {
      ...common,
      verdict: psi > rule.maxPsi ? 'rejected' : 'passed',
      what: `column ${column}: values are distributed otherwise than in ${sketches.length} recent partitions`,
      found: `population stability index ${psi.toFixed(3)}`,
      allowed: `at most ${rule.maxPsi}`,
      ...(psi > rule.maxPsi ? { hint: movedHint(mergeSketches(sketches), current!) } : {}),
    };
  });
}

/** What people look at first: the range of numbers, or the most frequent values. */
function movedHint(before: ColumnSketch, now: ColumnSketch): string {
  const tell = ({ numeric, top }: ColumnSketch) =>
    numeric
      ? `${short(numeric.min)} to ${short(numeric.max)} with mean ${short(numeric.mean)}`
      : (top ?? [])
          .slice(0, 3)
          .map(({ value }) => value)
          .join(', ');
  return `now ${tell(now)}; before ${tell(before)}`;
}

/** Categories that no recent partition had, where that is a warning. */
export function unseenFindings({ columns, delivery, recent }: PartitionRuleInput): Finding[] {
  const known = knownCategories(columns, recent);
  return Object.entries(columns).flatMap(([column, { unseen }]): Finding[] => {
    const values = known[column];
    if (unseen !== 'warn') return [];
    const common = {
      check: `${column}_unseen`,
      kind: 'row',
      what: `column ${column}: values that no recent partition had`,
    } as const;
    if (!values)
      return [
        { ...common, verdict: 'passed', found: 'nothing to compare', allowed: `compared from ${LEAST_RECENT} on` },
      ];
    const fresh = (delivery.sketches[column]?.top ?? []).filter(({ value }) => !values.includes(value));
    const named = fresh
      .slice(0, 5)
      .map(({ value, count }) => `${value} in ${count} rows`)
      .join(', ');
    return [
      {
        ...common,
        verdict: fresh.length === 0 ? 'passed' : 'warned',
        found: fresh.length === 0 ? 'none' : `${named}${fresh.length > 5 ? `, and ${fresh.length - 5} more` : ''}`,
        allowed: `one of the ${values.length} values of recent partitions`,
        rows: fresh.reduce((sum, { count }) => sum + count, 0),
      },
    ];
  });
}

/** The values of category columns in recent partitions, where a contract asks for them and all are known. */
export function knownCategories(
  columns: Readonly<Record<string, ColumnPlan>>,
  recent: readonly RecentPartition[],
): Record<string, readonly string[]> {
  const known: Record<string, readonly string[]> = {};
  for (const [column, { unseen }] of Object.entries(columns)) {
    const sketches = unseen === 'accept' ? [] : sketchesOf(recent, column);
    if (sketches.length < LEAST_RECENT) continue;
    const { top, others } = mergeSketches(sketches);
    if (top && others === 0) known[column] = top.map(({ value }) => value);
  }
  return known;
}

function sketchesOf(recent: readonly RecentPartition[], column: string): ColumnSketch[] {
  return recent.flatMap(({ sketches }) => sketches?.[column] ?? []);
}
