// Breaks lines within the cells of a table so that it fits a terminal. Invariant: no character but blanks at a break is lost.

/** Around a cell: a blank on each side, and the border. */
const FRAME = 3;
/** Columns are not made narrower than this, whatever the terminal: below it nothing can be read. */
const NARROWEST = 4;

/**
 * The same cells with line breaks, so that a table of them takes at most `columns` characters. The widest columns are narrowed first, and words are
 * broken only where whole ones leave no room. More columns than fit at 4 characters each stay wider.
 */
export function fitted(cells: readonly (readonly string[])[], columns: number): readonly (readonly string[])[] {
  const count = Math.max(0, ...cells.map((row) => row.length));
  const room = columns - FRAME * count - 1;
  const widest = (of: (cell: string) => readonly string[]): number[] =>
    Array.from({ length: count }, (_, i) =>
      Math.max(0, ...cells.flatMap((row) => of(row[i] ?? '').map((part) => part.length))),
    );
  const natural = widest((cell) => cell.split('\n'));
  if (sum(natural) <= room) return cells;
  const words = widest((cell) => cell.split(/\s+/));
  const widths =
    capped(natural, words, room) ??
    capped(
      natural,
      natural.map(() => NARROWEST),
      room,
    );
  const narrow = widths ?? natural.map((width) => Math.min(width, NARROWEST));
  return cells.map((row) => row.map((cell, i) => wrapped(cell, narrow[i]!)));
}

/** Widths under the largest common cap that fits, none below its floor; null: not even the floors fit. */
function capped(natural: readonly number[], floors: readonly number[], room: number): number[] | null {
  for (let cap = Math.max(...natural); cap >= NARROWEST; cap--) {
    const widths = natural.map((width, i) => Math.min(width, Math.max(cap, floors[i]!)));
    if (sum(widths) <= room) return widths;
  }
  return null;
}

function wrapped(cell: string, width: number): string {
  return cell
    .split('\n')
    .flatMap((line) => brokenLine(line, width))
    .join('\n');
}

function brokenLine(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const lines: string[] = [];
  let open = '';
  for (const word of line.split(' ')) {
    const longer = open === '' ? word : `${open} ${word}`;
    if (longer.length <= width) {
      open = longer;
      continue;
    }
    if (open !== '') lines.push(open);
    open = word;
    while (open.length > width) {
      lines.push(open.slice(0, width));
      open = open.slice(width);
    }
  }
  return [...lines, open];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
