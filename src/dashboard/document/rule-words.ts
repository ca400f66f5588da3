// The contract of a table in words for a newcomer: what a column, a partition and an assumption have to satisfy.
import type { AssumptionPlan, ColumnPlan, TablePlan } from '../../domain/plan/plan';

/** What a value of the column has to satisfy, besides its type; empty: nothing more. */
export function columnRules(column: ColumnPlan): string[] {
  const { min, max, pattern, values, references, unseen, zone } = column;
  return [
    rangeWords(min, max),
    pattern === undefined ? null : `matches ${pattern}`,
    values === undefined ? null : `one of ${values.join(', ')}`,
    references === undefined ? null : `must be known in ${references.table}.${references.column}`,
    unseen === 'accept'
      ? null
      : unseen === 'warn'
        ? 'a new category raises an alert'
        : 'rows with a new category are set aside',
    zone === undefined ? null : `local time of ${zone}, stored as UTC`,
  ].filter((rule) => rule !== null);
}

function rangeWords(min: number | undefined, max: number | undefined): string | null {
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  return max === undefined ? null : `at most ${max}`;
}

/** What a whole partition has to satisfy to be accepted, in sentences. */
export function partitionRuleSentences(table: TablePlan): string[] {
  const rules = table.partitionRules;
  const recent = `the last ${rules.recent} partitions`;
  const { min, max } = rules.rowsAgainstRecent;
  return [
    `At least ${rules.minRows} row${rules.minRows === 1 ? '' : 's'}${rules.maxRows === undefined ? '' : ` and at most ${rules.maxRows}`}.`,
    `Between ${min} and ${max} times as many rows as the median of ${recent}.`,
    `At most ${percent(rules.maxQuarantineShare)} of the rows set aside.`,
    ...Object.entries(rules.maxNullShare).map(([name, share]) => `At most ${percent(share)} of ${name} missing.`),
    ...(rules.jump
      ? [
          `The spread of ${list(rules.jump.columns)} changes by at most a factor of ${rules.jump.maxRatio} against ${recent}.`,
        ]
      : []),
    ...(rules.distribution
      ? [
          `The distribution of ${list(rules.distribution.columns)} stays near that of ${recent} (population stability index at most ${rules.distribution.maxPsi}).`,
        ]
      : []),
    ...(rules.freshness
      ? [`The newest ${rules.freshness.column} is at most ${rules.freshness.within} before the end of the day.`]
      : []),
    ...(rules.period
      ? [
          `${rules.period.maxShareOutside === 0 ? 'No row' : `At most ${percent(rules.period.maxShareOutside)} of the rows`} with ${rules.period.column} outside of the day.`,
        ]
      : []),
    ...(rules.labelMirror
      ? [
          `No column tells the label by itself (ROC AUC below ${rules.labelMirror.maxAuc})${rules.labelMirror.except.length > 0 ? `, but ${list(rules.labelMirror.except)}` : ''}.`,
        ]
      : []),
    ...(table.extraColumns === 'ignore'
      ? ['Unknown raw columns are left out.']
      : table.extraColumns === 'warn'
        ? ['An unknown raw column raises an alert.']
        : ['A partition with an unknown raw column is rejected.']),
  ];
}

/** What the author relies on, and what happens when it does not hold: one sentence. */
export function assumptionSentence(assumption: AssumptionPlan): string {
  const { check, overDays, consequence } = assumption;
  const window = overDays === 1 ? 'in each partition' : `in each window of ${overDays} days`;
  const then = consequence === 'warn' ? 'else an alert is raised' : 'else the partition is rejected';
  switch (check.test) {
    case 'sql':
      return `The result of the query is ${rangeWords(check.min, check.max) ?? 'a number'} ${window}; ${then}.`;
    case 'normal':
      return `${check.column} is normally distributed ${window} (Jarque–Bera test, p at least ${check.level}); ${then}.`;
    case 'same-distribution':
      return `${check.column} is distributed as in the ${check.referenceDays} days before, ${window} (Kolmogorov–Smirnov test, p at least ${check.level}); ${then}.`;
    case 'unique':
      return `${list(check.columns)} together occur once ${window}; ${then}.`;
  }
}

/** A share as a percentage, such as `0.5 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
