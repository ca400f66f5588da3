// Checks of the parts of a contract that name columns, other tables, zones or the label.
import type { AssumptionPlan, ColumnPlan, ModelPlan, TablePlan } from '../../domain/plan/plan';
import { describeValue, list, type Problem } from './problems';

type ColumnType = ColumnPlan['type'];
const NUMBERS: readonly ColumnType[] = ['integer', 'number'];
const TIMES: readonly ColumnType[] = ['date', 'timestamp'];

/** Everything that contradicts itself in the contracts of a plan's tables; empty: nothing. */
export function contractProblems(plan: ModelPlan): Problem[] {
  return Object.entries(plan.tables).flatMap(([name, table]) => {
    const path = `tables.${name}`;
    return [
      ...ruleProblems(`${path}.partitionRules`, plan, table),
      ...assumptionProblems(`${path}.assumptions`, table),
      ...Object.entries(table.columns).flatMap(([column, contract]) => [
        ...wordProblems(`${path}.columns.${column}`, contract),
        ...referenceProblems(`${path}.columns.${column}.references`, plan, name, contract),
      ]),
    ];
  });
}

/** A problem for each named column that the table does not have, or that has another type. */
function columnProblems(
  path: string,
  { columns }: TablePlan,
  names: readonly string[],
  types?: readonly ColumnType[],
): Problem[] {
  return names.flatMap((name): Problem[] => {
    const column = columns[name];
    if (!column)
      return [
        {
          path,
          found: `column "${name}", which the table does not have`,
          allowed: `its columns: ${list(Object.keys(columns))}`,
        },
      ];
    if (!types || types.includes(column.type)) return [];
    return [{ path, found: `"${name}" of type ${column.type}`, allowed: `${types.join(' and ')} columns` }];
  });
}

function ruleProblems(path: string, plan: ModelPlan, table: TablePlan): Problem[] {
  const { minRows, maxRows, distribution, freshness, period, labelMirror } = table.partitionRules;
  const problems = [
    ...columnProblems(`${path}.distribution.columns`, table, distribution?.columns ?? []),
    ...columnProblems(`${path}.freshness.column`, table, freshness ? [freshness.column] : [], TIMES),
    ...columnProblems(`${path}.period.column`, table, period ? [period.column] : [], TIMES),
    ...columnProblems(`${path}.labelMirror.except`, table, labelMirror?.except ?? []),
  ];
  if (maxRows !== undefined && maxRows < minRows)
    problems.push({ path: `${path}.maxRows`, found: String(maxRows), allowed: `at least minRows (${minRows})` });
  if (labelMirror && !table.columns[plan.entity.key])
    problems.push({
      path: `${path}.labelMirror`,
      found: `a table without the entity key "${plan.entity.key}"`,
      allowed: 'tables whose rows can be joined with the label by the entity key',
    });
  return problems;
}

function assumptionProblems(path: string, table: TablePlan): Problem[] {
  const names = table.assumptions.map(({ name }) => name);
  return table.assumptions.flatMap((assumption, i) => {
    const problems = testProblems(`${path}[${i}].check`, table, assumption.check);
    if (names.indexOf(assumption.name) < i)
      problems.push({
        path: `${path}[${i}].name`,
        found: `"${assumption.name}" a second time`,
        allowed: 'a name of its own',
      });
    return problems;
  });
}

function testProblems(path: string, table: TablePlan, check: AssumptionPlan['check']): Problem[] {
  switch (check.test) {
    case 'sql': {
      const { min, max } = check;
      if (min === undefined && max === undefined)
        return [{ path, found: 'neither min nor max', allowed: 'at least one of them' }];
      if (min === undefined || max === undefined || min <= max) return [];
      return [{ path: `${path}.min`, found: String(min), allowed: `at most max (${max})` }];
    }
    case 'normal':
    case 'same-distribution':
      return columnProblems(`${path}.column`, table, [check.column], NUMBERS);
    case 'unique':
      return columnProblems(`${path}.columns`, table, check.columns);
  }
}

function wordProblems(path: string, { type, zone, unseen }: ColumnPlan): Problem[] {
  const problems: Problem[] = [];
  if (zone !== undefined && type !== 'timestamp')
    problems.push({ path: `${path}.zone`, found: `a zone on a ${type} column`, allowed: 'zones on timestamp columns' });
  else if (zone !== undefined && !isTimeZone(zone))
    problems.push({
      path: `${path}.zone`,
      found: describeValue(zone),
      allowed: 'an IANA time zone such as "America/New_York"',
    });
  if (unseen !== 'accept' && type !== 'category')
    problems.push({
      path: `${path}.unseen`,
      found: `"${unseen}" on a ${type} column`,
      allowed: '"warn" and "quarantine" on category columns',
    });
  return problems;
}

function referenceProblems(path: string, plan: ModelPlan, name: string, { references }: ColumnPlan): Problem[] {
  if (!references) return [];
  const others = Object.keys(plan.tables).filter((table) => table !== name);
  const other = plan.tables[references.table];
  if (!other || references.table === name)
    return [
      { path: `${path}.table`, found: describeValue(references.table), allowed: `another table: ${list(others)}` },
    ];
  return columnProblems(`${path}.column`, other, [references.column]);
}

/** Whether Node knows the zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
