// The demo's command line: what a run is asked for, or one sentence about what is wrong with it.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UnderstudyError } from '../../src/domain/failures';

/** What a run is asked for. */
export interface DemoOptions {
  /** Where the JSON report goes too; absolute. */
  readonly reportFile: string | null;
  /** Go on with the data of the last run. */
  readonly keep: boolean;
  /** Days that are lived after the backfill; null: as many as the season has. */
  readonly days: number | null;
}

/** Days from the first of July to the end of September. */
export const WHOLE_SEASON_DAYS = 92;
/** Fewer leave nothing to look at. */
const LEAST_DAYS = 2;

/** @throws UnderstudyError USAGE - names the option, what was found and what is allowed. */
export function readDemoOptions(args: readonly string[], cwd: string): DemoOptions {
  const { report, keep, days } = parsed(args);
  if (days !== undefined && !(/^\d{1,3}$/.test(days) && Number(days) >= LEAST_DAYS)) {
    throw new UnderstudyError(
      'USAGE',
      `demo: --days: found "${days}", allowed is a whole number from ${LEAST_DAYS} on`,
    );
  }
  return {
    reportFile: report === undefined ? null : resolve(cwd, report),
    keep: keep === true,
    days: days === undefined ? null : Number(days),
  };
}

function parsed(args: readonly string[]): { report?: string; keep?: boolean; days?: string } {
  try {
    const options = { report: { type: 'string' }, keep: { type: 'boolean' }, days: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UnderstudyError('USAGE', `demo: ${(error as Error).message}`);
  }
}
