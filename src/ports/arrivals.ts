// Deliveries as events, and how far each table is complete: the record of what arrived and what became of it.
import type { Arrival, Watermark } from '../domain/data/arrivals';
import type { Day } from '../domain/days';
import type { Transaction } from './stores';

/** What became of each delivery event. */
export interface ArrivalStore {
  /** Writes events in their order; one that is recorded already (by its id) stays as it is. */
  record(arrivals: readonly Arrival[]): Promise<void>;
  /** Newest first. */
  list(model: string, limit: number): Promise<Arrival[]>;
}

/** Up to which day a table has no hole. */
export interface WatermarkStore {
  /**
   * Moves the watermark in the transaction that accepts a partition: to the last day such that every day from `firstDay` on is accepted.
   * It never goes back while `firstDay` stays. Costs as much as the days that it moves over. Null: the first day has not come.
   */
  advance(tx: Transaction, model: string, table: string, firstDay: Day): Promise<Day | null>;
  /** Of each table that has one, by name. */
  list(model: string): Promise<Watermark[]>;
}
