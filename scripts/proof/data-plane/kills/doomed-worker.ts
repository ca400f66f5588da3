// A worker process that performs one piece of work on real activities and dies (SIGKILL) right before its n-th write; started by kills.ts.
// It waits for tasks on standard input, a line each, and says on standard output which writes it has seen when it comes to the end of one.
import { createInterface } from 'node:readline';
import { createEngine } from '../../../../src/data/engine';
import { countWrites, dieNow } from './counted-writes';
import { makeWorker, openPorts, type Place } from '../place/place';
import { contextOf, perform, workFor, type Order } from '../place/work';

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
  const writes = countWrites();
  for await (const line of createInterface({ input: process.stdin })) {
    const { place, model, definitionDigest, orders, dieBefore } = JSON.parse(line) as DoomedTask;
    const ports = await openPorts(place);
    const engine = await createEngine({ threads: 1, memoryLimitMb: 512, tempDir: await ports.artifacts.tempDir() });
    const worker = makeWorker(place, ports, engine);
    writes.begin(dieBefore);
    for (const order of orders) await perform(worker, contextOf(model, definitionDigest), workFor(order));
    if (dieBefore === writes.names.length + 1) dieNow();
    writes.end();
    engine.close();
    await ports.stores.close();
    process.stdout.write(`${JSON.stringify(writes.names)}\n`);
  }
}

void main();
