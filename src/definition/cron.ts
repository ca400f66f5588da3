// Reads cron expressions of five fields, so that a mistake is found when a definition is loaded, not when a Schedule is made.

const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

const FIELDS = [
  { name: 'minute', min: 0, max: 59, names: [] as string[] },
  { name: 'hour', min: 0, max: 23, names: [] as string[] },
  { name: 'day of the month', min: 1, max: 31, names: [] as string[] },
  { name: 'month', min: 1, max: 12, names: MONTH_NAMES },
  { name: 'day of the week', min: 0, max: 7, names: DAY_NAMES },
] as const;

/** What is wrong with a cron expression of five fields (lists, ranges, steps, and names of days and months are allowed); null: nothing. */
export function cronProblem(expression: string): string | null {
  const parts = expression.split(' ');
  if (parts.length !== FIELDS.length) return `five fields, such as "0 2 * * 1"`;
  for (const [index, field] of FIELDS.entries()) {
    const wrong = (parts[index] ?? '').split(',').some((item) => !isItem(item, field));
    if (wrong)
      return `a ${field.name} from ${field.min} to ${field.max} in field ${index + 1} (found "${parts[index]}")`;
  }
  return null;
}

function isItem(item: string, field: (typeof FIELDS)[number]): boolean {
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) >= 1))) return false;
  if (range === '*') return true;
  const ends = range.split('-').map((end) => numberOf(end, field));
  const [low, high = low] = ends;
  return ends.length <= 2 && low != null && high != null && low >= field.min && high <= field.max && low <= high;
}

function numberOf(text: string, field: (typeof FIELDS)[number]): number | null {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return named + field.min;
  return /^\d+$/.test(text) ? Number(text) : null;
}
