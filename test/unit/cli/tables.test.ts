// Tables for a person: as wide as the terminal, the failed gates first, numbers with the digits that say something.
import { gateTable, intervalText } from '../../../src/cli/decision-text';
import { fitted } from '../../../src/cli/fit';
import { table } from '../../../src/cli/output';
import { shownNumber } from '../../../src/domain/evaluation/shown-numbers';
import { unseenGate } from '../../../src/domain/gates/absolute';
import { gate } from '../../../src/domain/gates/gate';

const HEAD = ['metric', '@1 (linear)', '@2 (gbm)', '@2 - @1'];
const CELL = '0.54260 [0.53001, 0.55519]';
const ROWS = ['log_loss', 'roc_auc', 'one-sided p, lower log loss'].map((name) => [name, CELL, CELL, CELL]);
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('a table', () => {
  it('is as wide as it is without a terminal', () => {
    expect(widest(table(HEAD, ROWS, null))).toBeGreaterThan(110);
    expect(table(HEAD, ROWS, null)).toContain(CELL);
  });

  it('fits the columns of a terminal and loses no character of it', () => {
    for (const columns of [100, 80, 60, 45]) {
      const made = table(HEAD, ROWS, columns);
      expect(widest(made)).toBeLessThanOrEqual(columns);
    }
    const bare = (cells: readonly (readonly string[])[]) => cells.flat().join('').replace(/\s/g, '');
    expect(bare(fitted([HEAD, ...ROWS], 45))).toBe(bare([HEAD, ...ROWS]));
    expect(fitted([HEAD, ...ROWS], 200)).toEqual([HEAD, ...ROWS]);
  });

  it('breaks between words where there is room for them', () => {
    const [, row] = fitted([HEAD, ...ROWS], 100);
    expect(row![1]).toBe('0.54260 [0.53001,\n0.55519]');
  });

  it('stays wider than a terminal that is too narrow for anything', () => {
    expect(widest(table(HEAD, ROWS, 10))).toBe(4 * 7 + 1);
  });
});

describe('gates in words', () => {
  const test = { p: 0.04, pAdjusted: 0.08, tests: 2, difference: { value: -0.0012, low: -0.01, high: 0.008 } };
  const failed = gate('superiority', 'holdout', '<', 0.05, { value: 0.08, n: 900, days: 14 }, 'p', { test });
  const passed = [1, 2, 3].map((n) => gate(`rows-${n}`, 'holdout', '>=', 1, { value: 12_768, n }, 'rows'));

  it('shows the failed ones, and counts the passed ones unless all are asked for', () => {
    const short = gateTable([...passed, failed]);
    expect(short).toContain('superiority');
    expect(short).not.toContain('12768');
    expect(short.split('\n').at(-1)).toBe('3 gates passed: rows-1, rows-2, rows-3 (numbers: --all)');
    const all = gateTable([...passed, failed], true);
    expect(all.indexOf('superiority')).toBeLessThan(all.indexOf('rows-1'));
    expect(all).toContain('12768');
  });

  it('shows the tested difference beside its interval, a p as such, and days as dates', () => {
    expect(intervalText(failed)).toBe('difference -0.00120 [-0.01000 to 0.00800]');
    expect(gateTable([failed])).toContain('p 0.08000');
    expect(gateTable([unseenGate('unseen', 19_828, 19_827, 14)])).toMatch(/2024-04-15 .*< 2024-04-14/);
  });

  it('shows digits that say something', () => {
    const numbers = [12_768, 0.542599925517255, 48.02000045776367, 0.000123456, 1.23e-9, 1_234_567.8, -3];
    expect(numbers.map(shownNumber)).toEqual(['12768', '0.54260', '48.020', '0.000123', '1.2e-9', '1234568', '-3']);
  });
});
