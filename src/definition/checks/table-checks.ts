// Checks of one table of a plan: its key, its columns' bounds, and the columns that its rules name.
import type { ColumnPlan, TablePlan } from '../../domain/plan/plan';
import { describeValue, list, type Problem } from './problems';
import { sourceProblems } from './source-checks';

/** Everything that contradicts itself in one table; empty: nothing. */
export function tableProblems(name: string, table: TablePlan): Problem[] {
  const path = `tables.${name}`;
  const columns = Object.keys(table.columns);
  const rules = table.partitionRules;
  const problems: Problem[] = [];
  if (columns.length === 0)
    problems.push({ path: `${path}.columns`, found: 'none', allowed: 'at least the columns of the key' });
  const mustExist = (field: string, names: readonly string[]): void => {
    for (const column of names.filter((each) => !table.columns[each])) {
      problems.push({
        path: `${path}.${field}`,
        found: `column "${column}", which the table does not have`,
        allowed: `its columns: ${list(columns)}`,
      });
    }
  };
  mustExist('key', table.key);
  mustExist('partitionRules.maxNullShare', Object.keys(rules.maxNullShare));
  mustExist('partitionRules.jump.columns', rules.jump?.columns ?? []);
  for (const column of (rules.jump?.columns ?? []).filter(
    (each) => table.columns[each] && !isNumeric(table.columns[each]),
  )) {
    problems.push({
      path: `${path}.partitionRules.jump.columns`,
      found: `"${column}", which is no number`,
      allowed: 'integer and number columns',
    });
  }
  for (const column of table.key.filter((each) => table.columns[each]?.nullable)) {
    problems.push({
      path: `${path}.columns.${column}.nullable`,
      found: 'true',
      allowed: 'false, because the column is part of the key',
    });
  }
  const { min, max } = rules.rowsAgainstRecent;
  if (min > max)
    problems.push({
      path: `${path}.partitionRules.rowsAgainstRecent.min`,
      found: String(min),
      allowed: `at most max (${max})`,
    });
  const names = table.rowRules.map((rule) => rule.name);
  for (const [index, rule] of names.entries()) {
    if (names.indexOf(rule) < index)
      problems.push({
        path: `${path}.rowRules[${index}].name`,
        found: `"${rule}" a second time`,
        allowed: 'a name of its own',
      });
  }
  if (!isClockTime(table.availableAt.slice(-5))) {
    problems.push({
      path: `${path}.availableAt`,
      found: describeValue(table.availableAt),
      allowed: 'a time from 00:00 to 23:59',
    });
  }
  return [
    ...problems,
    ...sourceProblems(`${path}.source`, table.source),
    ...Object.entries(table.columns).flatMap(([column, plan]) => columnProblems(`${path}.columns.${column}`, plan)),
  ];
}

function columnProblems(path: string, column: ColumnPlan): Problem[] {
  const problems: Problem[] = [];
  const { min, max, pattern, values, type } = column;
  if ((min !== undefined || max !== undefined) && !isNumeric(column)) {
    problems.push({
      path,
      found: `min or max on a ${type} column`,
      allowed: 'min and max on integer and number columns',
    });
  }
  if (min !== undefined && max !== undefined && min > max)
    problems.push({ path: `${path}.min`, found: String(min), allowed: `at most max (${max})` });
  if ((pattern !== undefined || values !== undefined) && type !== 'string' && type !== 'category') {
    problems.push({
      path,
      found: `pattern or values on a ${type} column`,
      allowed: 'pattern and values on string and category columns',
    });
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    problems.push({ path: `${path}.pattern`, found: describeValue(pattern), allowed: 'a regular expression' });
  }
  return problems;
}

function isNumeric(column: ColumnPlan): boolean {
  return column.type === 'integer' || column.type === 'number';
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function isClockTime(time: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
}
