// Proposes what tells the rows of a sample apart, and what gives their day.
import type { Connection } from '../engine';
import { quoteName } from '../sql-text';
import type { ColumnProfile } from './profile';

export interface ProposedKey {
  /** Names as in the file; at least one. */
  readonly columns: readonly string[];
  /** Rows whose key another row before them has: a contract with this key would set them aside. */
  readonly repeated: number;
}

/** Columns that a proposed key has at most; flights need six. */
const MOST_COLUMNS = 6;
/** Pairs are looked for among the columns with the most values. */
const PAIRED_COLUMNS = 8;

/** The first single column, else pair, else the columns added greedily until each row has its own key. */
export async function proposeKey(connection: Connection, profiles: readonly ColumnProfile[]): Promise<ProposedKey> {
  const rows = profiles[0]?.rows ?? 0;
  const filled = profiles.filter((each) => each.nulls === 0);
  const plain = filled.filter((each) => each.type !== 'number' && each.type !== 'boolean');
  const candidates = plain.length > 0 ? plain : filled.length > 0 ? filled : profiles.slice(0, 1);
  const unique = candidates.filter((each) => each.distinct === rows);
  const single = unique.find((each) => /(^|_)(id|key|uuid)$/i.test(each.raw)) ?? unique[0];
  if (single) return { columns: [single.raw], repeated: 0 };

  const repeated = async (columns: readonly string[]): Promise<number> => {
    const names = columns.map(quoteName).join(', ');
    const [found] = await connection.rows(`SELECT count(*) AS n FROM (SELECT DISTINCT ${names} FROM sample)`);
    return rows - Number(found!['n']);
  };
  const most = [...candidates].sort((a, b) => b.distinct - a.distinct);
  for (const [i, first] of most.slice(0, PAIRED_COLUMNS).entries()) {
    for (const second of most.slice(i + 1, PAIRED_COLUMNS)) {
      // Fewer combinations than rows cannot be unique.
      if (first.distinct * second.distinct < rows) continue;
      const pair = inFileOrder([first.raw, second.raw], profiles);
      if ((await repeated(pair)) === 0) return { columns: pair, repeated: 0 };
    }
  }
  return grow(most, repeated, profiles);
}

async function grow(
  candidates: readonly ColumnProfile[],
  repeated: (columns: readonly string[]) => Promise<number>,
  profiles: readonly ColumnProfile[],
): Promise<ProposedKey> {
  let columns: string[] = [candidates[0]!.raw];
  let left = await repeated(columns);
  while (left > 0 && columns.length < MOST_COLUMNS) {
    let best: { readonly name: string; readonly left: number } | null = null;
    for (const { raw } of candidates) {
      if (columns.includes(raw)) continue;
      const now = await repeated([...columns, raw]);
      if (now < (best?.left ?? left)) best = { name: raw, left: now };
      if (now === 0) break;
    }
    if (!best) break;
    columns = [...columns, best.name];
    left = best.left;
  }
  // A column that was added early may be needless by now.
  for (const name of columns) {
    const without = columns.filter((each) => each !== name);
    if (without.length > 0 && (await repeated(without)) === left) columns = without;
  }
  return { columns: inFileOrder(columns, profiles), repeated: left };
}

function inFileOrder(columns: readonly string[], profiles: readonly ColumnProfile[]): string[] {
  return profiles.map((each) => each.raw).filter((raw) => columns.includes(raw));
}

/** SQL over the raw columns that gives a row's day, when a column (or year, month and day) has one in every row; else null. */
export function proposePartition(profiles: readonly ColumnProfile[]): string | null {
  const filled = profiles.filter((each) => each.nulls === 0 && each.rows > 0);
  const date = filled.find((each) => each.type === 'date');
  if (date) return `CAST(${quoteName(date.raw)} AS DATE)`;
  const parts = ['year', 'month', 'day'].map((part) =>
    filled.find((each) => each.raw.toLowerCase() === part && each.type === 'integer'),
  );
  if (parts.every((part) => part !== undefined)) {
    return `make_date(${parts.map((part) => `CAST(${quoteName(part.raw)} AS INTEGER)`).join(', ')})`;
  }
  const instant = filled.find((each) => each.type === 'timestamp');
  return instant ? `CAST(CAST(${quoteName(instant.raw)} AS TIMESTAMP) AS DATE)` : null;
}
