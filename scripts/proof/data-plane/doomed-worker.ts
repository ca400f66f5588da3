// A worker process that performs one piece of work on real activities and dies (SIGKILL) right before its n-th write; started by kills.ts.
// It waits for its task on standard input, and says on standard output which writes it has seen when it comes to the end.
import { once } from 'node:events';
import { createEngine } from '../../../src/data/engine';
import { countWrites, dieNow } from './counted-writes';
import { makeWorker, openPorts, type Place } from './place';
import { contextOf, perform, workFor, type Order } from './work';

/** What the process is told: one line of JSON. */
export interface DoomedTask {
  readonly place: Place;
  readonly model: string;
  readonly definitionDigest: string;
  readonly orders: readonly Order[];
  /** Number of the write before which it dies, from 1; one more than there are: after the last one, before it can tell. 0: never. */
  readonly dieBefore: number;
}

async function main(): Promise<void> {
  const [line] = (await once(process.stdin, 'data')) as [Buffer];
  const { place, model, definitionDigest, orders, dieBefore } = JSON.parse(line.toString('utf8')) as DoomedTask;
  const writes = countWrites(dieBefore);
  const ports = await openPorts(place);
  const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: await ports.artifacts.tempDir() });
  const worker = makeWorker(place, ports, engine);
  writes.begin();
  for (const order of orders) await perform(worker, contextOf(model, definitionDigest), workFor(order));
  if (dieBefore === writes.names.length + 1) dieNow();
  process.stdout.write(JSON.stringify(writes.names), () => process.exit(0));
}

void main();
