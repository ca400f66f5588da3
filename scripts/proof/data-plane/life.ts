// Lives through one sequence on the real activities, lets it settle, and compares what it has come to with a computation from scratch: only
// the files that count in the end, in day order, in an empty database and an empty folder.
import type { Engine } from '../../../src/data/engine';
import type { ModelPlan } from '../../../src/domain/plan';
import type { IngestResult, StepContext } from '../../../src/ports/activities';
import { announceFile, placeFile, rowCountOf, rowsOf, type DeliveryFile } from './delivery-files';
import { createExpectation, type Expectation } from './expectation';
import { DAYS, nameOf, PARTITIONS } from './model';
import { mortalPorts, type Moment } from './mortal';
import { deploy, emptyPlace, makeWorker, modelFolderOf, withClient, type DataWorker, type Place, type Ports } from './place';
import { differencesOf, readState, unreadableFiles, type DataState } from './state';
import type { InterruptibleStep, Step } from './steps';
import { contextOf, hasEnded, perform, workFor, type Order, type Work } from './work';

/** Two places with their ports, used again and again. */
export interface Ground {
  readonly plan: ModelPlan;
  readonly engine: Engine;
  /** Where sequences are lived, and two sets of ports on it, as of two processes. */
  readonly place: Place;
  openPorts(): Promise<readonly [Ports, Ports]>;
  /** The state that these versions give from scratch. */
  fromScratch(current: Expectation['current']): Promise<DataState>;
}

/** What came of a sequence. */
export interface LifeResult {
  /** Everything that is wrong, a sentence each; empty is good. */
  readonly problems: readonly string[];
  /** Workers that really died in the middle of their work. */
  readonly deaths: number;
}

/** A fault that is put between the activities and their ports, to see that it is found. */
export type Fault = (ports: Ports) => Ports;

/** Open work that died, and whether it has re-opened a partition before it did. */
interface OpenWork extends Work {
  reopened: boolean;
}

/** Lives through a sequence. Throws only what no activity may throw. */
export async function liveThrough(ground: Ground, steps: readonly Step[], fault: Fault = (ports) => ports): Promise<LifeResult> {
  const { place, engine, plan } = ground;
  await emptyPlace(place);
  const all = await ground.openPorts();
  const [ports, otherPorts] = [fault(all[0]), fault(all[1])];
  const [worker, other] = [makeWorker(place, ports, engine), makeWorker(place, otherPorts, engine)];
  const context = contextOf(plan.name, await deploy(ports, plan));
  const folder = modelFolderOf(place, plan.name);
  const expected = createExpectation();
  const placed = new Map<string, DeliveryFile>();
  const problems: string[] = [];
  let open: OpenWork[] = [];
  let deaths = 0;

  const orderOf = (step: InterruptibleStep): Order =>
    step.do === 'deliver' ? { ...step, uri: announceFile(folder, step) } : step;
  /** Files that an order would bring in as things are now. */
  const filesOf = (order: Order): DeliveryFile[] => {
    if (order.do === 'deliver') return [order];
    if (order.do === 'featurize') return [];
    return PARTITIONS.filter((partition) => expected.current(partition) === null).flatMap(
      (partition) => placed.get(nameOf(partition)) ?? [],
    );
  };

  async function deliverHealthily(by: DataWorker, work: Work): Promise<readonly IngestResult[]> {
    try {
      return await perform(by, context, work);
    } catch (error) {
      const { order } = work;
      if (order.do === 'deliver' && order.version === 'unreadable' && typeOf(error) === 'SOURCE_UNREADABLE') return [];
      throw error;
    }
  }

  async function toTheEnd(work: OpenWork): Promise<void> {
    const ingested = hasEnded(work, 'ingestMissing') || hasEnded(work, 'ingestDeliveries');
    const files = ingested ? [] : filesOf(work.order);
    const results = await deliverHealthily(worker, work);
    for (const file of files) {
      const { reopened } = expected.arrive(file);
      if (work.order.do === 'deliver') work.reopened ||= reopened;
      if (file.version !== 'damaged') continue;
      const verdict = results.find(({ table, partition }) => table === file.table && partition === file.day)?.outcome;
      if (verdict !== 'rejected') problems.push(`${nameOf(file)}: a damaged file was ${verdict ?? 'passed over'}, not rejected`);
    }
    if (work.reopened && !hasEnded(work, 'dependentDays'))
      problems.push(`${JSON.stringify(work.order)} re-opened its partition, and nobody asked for what depends on it`);
  }

  async function dieIn(step: InterruptibleStep, at: Moment): Promise<void> {
    const mortal = mortalPorts(ports, at);
    const work: OpenWork = { ...workFor(orderOf(step)), reopened: false };
    const files = filesOf(work.order);
    await perform(makeWorker(place, mortal.ports, engine), context, work).catch((error: unknown) => {
      if (!mortal.died() && typeOf(error) !== 'SOURCE_UNREADABLE') throw error;
    });
    await mortal.quiet();
    for (const file of files) {
      if (await wasRecorded(file)) work.reopened = expected.arrive(file).reopened && work.order.do === 'deliver';
    }
    if (!mortal.died()) return;
    deaths++;
    open.push(work);
  }

  /** Whether the effect ledger has the file: its transaction was committed. */
  async function wasRecorded(file: DeliveryFile): Promise<boolean> {
    if (file.version === 'unreadable') return false;
    const work = workFor({ ...file, do: 'deliver', uri: announceFile(folder, file) });
    const [found] = await locate(worker, context, work);
    const key = `ingest/${plan.name}/${nameOf(file)}/${found}%`;
    const { rowCount } = await withClient(place.databaseUrl, (client) =>
      client.query('select from effects where key like $1', [key]),
    );
    return rowCount !== 0;
  }

  async function race(file: DeliveryFile, rival: DeliveryFile): Promise<void> {
    const works = [file, rival].map((one) => workFor(orderOf({ ...one, do: 'deliver' })));
    await Promise.all([deliverHealthily(worker, works[0]!), deliverHealthily(other, works[1]!)]);
    const [newest] = await all[0].stores.partitions.newest(plan.name, file.table, file.day, file.day);
    const found = newest === undefined ? null : newest.rows + newest.quarantinedRows;
    // Who was last is not ours to say: the one whose rows are there, if that one is new.
    const last = rowsOf(rival.version) !== null && rowCountOf(rival.version) === found ? rival : file;
    const first = last === rival ? file : rival;
    expected.arrive(first);
    expected.arrive(last);
  }

  async function live(step: Step): Promise<void> {
    switch (step.do) {
      case 'place':
        placeFile(folder, step);
        placed.set(nameOf(step), step);
        return;
      case 'deliver':
      case 'ingest-missing':
      case 'featurize':
        return toTheEnd({ ...workFor(orderOf(step)), reopened: false });
      case 'crash':
        return dieIn(step.during, step.at);
      case 'deliver-twice-at-once':
        return race(step, step);
      case 'race':
        return race(step, { ...step, version: step.rival });
      case 'featurize-meanwhile': {
        const works = [worker, other].map((by) => perform(by, context, workFor({ do: 'featurize', days: step.days })));
        const delivery = workFor(orderOf({ ...step, do: 'deliver' }));
        await Promise.all([...works, deliverHealthily(other, delivery)]);
        expected.arrive(step);
        return;
      }
      case 'go-on': {
        const works = open;
        open = [];
        for (const work of works) await toTheEnd(work);
        return;
      }
      case 'sweep':
        await worker.run('sweepArtifacts', { ...context, dryRun: false });
    }
  }

  for (const step of steps) await live(step);
  await live({ do: 'go-on' });
  for (const { table, day } of PARTITIONS) {
    if (expected.current({ table, day }) === null) await live({ do: 'place', table, day, version: 'a' });
  }
  await live({ do: 'ingest-missing' });
  await live({ do: 'featurize', days: DAYS });
  const [found, wanted] = [await readState(place.databaseUrl), await ground.fromScratch((each) => expected.current(each))];
  problems.push(...found.doubles, ...differencesOf(wanted, found), ...(await unreadableFiles(found, ports.artifacts)));
  const { computed } = await worker.run('featurizeDays', { ...context, days: DAYS });
  if (computed !== 0) problems.push(`${computed} feature partitions were computed again although nothing had changed`);
  return { problems, deaths };
}

async function locate(worker: DataWorker, context: StepContext, { order }: Work): Promise<string[]> {
  if (order.do !== 'deliver') return [];
  const request = { table: order.table, partition: order.day, uri: order.uri };
  const { found } = await worker.run('locateDeliveries', { ...context, request, exact: true });
  return found.map(({ sha256 }) => sha256);
}

/** The failure code that an activity's failure carries. */
function typeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
}
