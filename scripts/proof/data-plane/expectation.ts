// What must have been accepted in the end, worked out from the sequence alone and without the product's code.
// Invariant: per partition the last good file that came for the first time counts; a file that came before, at any time, changes nothing.
import { rowsOf, type DeliveryFile, type Version } from './delivery-files';
import { nameOf, type Partition } from './model';

/** The partitions as they must be. */
export interface Expectation {
  /** A file has been checked and stored or rejected. `reopened`: it replaces other rows, or follows a rejection. */
  arrive(file: DeliveryFile): { readonly reopened: boolean };
  /** The version whose rows count; null: none was accepted. */
  current(partition: Partition): Version | null;
}

/** Nothing has arrived. */
export function createExpectation(): Expectation {
  const seen = new Set<string>();
  const rejected = new Set<string>();
  const current = new Map<string, Version>();
  return {
    current: (partition) => current.get(nameOf(partition)) ?? null,
    arrive(file) {
      const { version } = file;
      const name = nameOf(file);
      if (version === 'unreadable' || seen.has(`${name}/${version}`)) return { reopened: false };
      seen.add(`${name}/${version}`);
      if (rowsOf(version) === null) {
        rejected.add(name);
        return { reopened: false };
      }
      const before = current.get(name);
      if (before !== undefined && rowsOf(before) === rowsOf(version)) return { reopened: false };
      current.set(name, version);
      return { reopened: before !== undefined || rejected.has(name) };
    },
  };
}
