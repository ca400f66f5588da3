// Daily losses of simple models on a year of flights: real days, with their heavy tails and unequal sizes, for simulations of the gates.
// Invariant: a model is fitted on January and February only, and its losses are those of March to December.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One day: its rows and the summed row log loss of each model. */
export interface FlightDay {
  readonly day: string;
  readonly rows: number;
  readonly losses: readonly number[];
}

/** A model is a table of smoothed rates of late arrivals (15 minutes or more) by some columns. */
const MODELS = [
  ['hour'],
  ['hour', 'carrier'],
  ['hour', 'origin'],
  ['dest'],
] as const satisfies readonly (readonly Column[])[];
type Column = 'hour' | 'carrier' | 'origin' | 'dest';

/** The names of the models, in the order of the losses. */
export const FLIGHT_MODELS = MODELS.map((columns) => columns.join(' x '));

/** Rows that a cell's rate is worth before its own rows count. */
const SMOOTHING = 200;

interface Flight {
  readonly day: string;
  readonly late: boolean;
  readonly values: Readonly<Record<Column, string>>;
}

/** The days of March to December 2013 in order, from the example's data. */
export function flightDays(packageRoot: string): FlightDay[] {
  const months = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => flightsOf(packageRoot, from + i)).flat();
  const training = months(1, 2);
  const base = training.filter(({ late }) => late).length / training.length;
  const models = MODELS.map((columns) => ratesOf(training, columns, base));
  const days = new Map<string, { rows: number; losses: number[] }>();
  for (const flight of months(3, 12)) {
    let day = days.get(flight.day);
    if (!day) days.set(flight.day, (day = { rows: 0, losses: MODELS.map(() => 0) }));
    day.rows += 1;
    models.forEach((rate, model) => {
      const p = rate(flight);
      day.losses[model]! -= Math.log(flight.late ? p : 1 - p);
    });
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, found]) => ({ day, ...found }));
}

function ratesOf(flights: readonly Flight[], columns: readonly Column[], base: number): (flight: Flight) => number {
  const cells = new Map<string, { rows: number; late: number }>();
  const keyOf = ({ values }: Flight): string => columns.map((column) => values[column]).join('|');
  for (const flight of flights) {
    const key = keyOf(flight);
    const cell = cells.get(key) ?? { rows: 0, late: 0 };
    cells.set(key, { rows: cell.rows + 1, late: cell.late + (flight.late ? 1 : 0) });
  }
  return (flight) => {
    const { rows, late } = cells.get(keyOf(flight)) ?? { rows: 0, late: 0 };
    return (late + SMOOTHING * base) / (rows + SMOOTHING);
  };
}

/** The flights of a month that arrived. */
function flightsOf(packageRoot: string, month: number): Flight[] {
  const name = `flights-2013-${String(month).padStart(2, '0')}.csv.gz`;
  const file = join(packageRoot, 'models', 'flight-delay', 'data', 'flights', name);
  const [header = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  const at = (name: string): number => names.indexOf(name);
  const [monthAt, dayAt, delayAt] = [at('month'), at('day'), at('arr_delay')];
  const columns = { hour: at('hour'), carrier: at('carrier'), origin: at('origin'), dest: at('dest') };
  return lines.flatMap((line) => {
    const cells = line.split(',');
    const delay = cells[delayAt];
    if (delay === undefined || delay === 'NA' || delay === '') return [];
    const day = `2013-${cells[monthAt]!.padStart(2, '0')}-${cells[dayAt]!.padStart(2, '0')}`;
    const values = {
      hour: cells[columns.hour]!,
      carrier: cells[columns.carrier]!,
      origin: cells[columns.origin]!,
      dest: cells[columns.dest]!,
    };
    return [{ day, late: Number(delay) >= 15, values }];
  });
}
