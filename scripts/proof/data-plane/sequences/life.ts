// Lives through one sequence on the real activities, lets it settle, and compares what it has come to with a computation from scratch: only
// the files that count in the end, in day order, in an empty database and an empty folder.
import { rebuildSnapshot } from '../../../../src/activities/snapshots/snapshot-manifest';
import type { SnapshotRef } from '../../../../src/domain/data/partitions';
import { createAttempts, type OpenWork } from './attempts';
import { announceFile, placeFile, rowCountOf, rowsOf, type DeliveryFile } from '../place/delivery-files';
import { createExpectation } from './expectation';
import type { OpenGround } from '../place/ground';
import { DAYS, FIRST_EDITION, nameOf, PARTITIONS } from '../place/model';
import { mortalPorts, type Moment } from './mortal';
import { deploy, emptyPlace, makeWorker, modelFolderOf, withClient, type Ports } from '../place/place';
import { differencesOf, lostInCompaction, readState, unreadableFiles } from '../place/state';
import type { InterruptibleStep, Step } from './steps';
import { contextOf } from '../place/work';

/** What came of a sequence. */
export interface LifeResult {
  /** Everything that is wrong, a sentence each; empty is good. */
  readonly problems: readonly string[];
  /** Workers that really died in the middle of their work. */
  readonly deaths: number;
}

/** A fault that is put between the activities and their ports, to see that it is found. */
export type Fault = (ports: Ports) => Ports;

/** Lives through a sequence. Throws only what no activity may throw. */
export async function liveThrough(
  ground: OpenGround,
  steps: readonly Step[],
  fault: Fault = (ports) => ports,
): Promise<LifeResult> {
  const { place, engine } = ground;
  await emptyPlace(place);
  const all = await ground.openPorts();
  const [ports, otherPorts] = [fault(all[0]), fault(all[1])];
  const [worker, other] = [makeWorker(place, ports, engine), makeWorker(place, otherPorts, engine)];
  let edition = FIRST_EDITION;
  const { name } = ground.planOf(edition);
  let context = contextOf(name, await deploy(ports, ground.planOf(edition)));
  const folder = modelFolderOf(place, name);
  const expected = createExpectation();
  const placed = new Map<string, DeliveryFile>();
  const problems: string[] = [];
  let lastFixed: SnapshotRef | null = null;
  const attempts = createAttempts({
    ...{ place, model: name, expected, placed },
    wrong: (problem) => void problems.push(problem),
    fixed: (snapshot) => void (lastFixed = snapshot),
  });
  let open: OpenWork[] = [];
  let deaths = 0;

  function begin(step: InterruptibleStep): OpenWork {
    const lenient = edition.contract === 'lenient';
    switch (step.do) {
      case 'deliver': {
        const { table, day, version } = step;
        const file = { table, day, version };
        return attempts.begin({ do: 'deliver', table, day, uri: announceFile(folder, file) }, file, context, lenient);
      }
      case 'deliver-placed':
        return attempts.begin({ ...step, do: 'deliver' }, null, context, lenient);
      default:
        return attempts.begin(step, null, context, lenient);
    }
  }

  async function dieIn(step: InterruptibleStep, at: Moment): Promise<void> {
    const mortal = mortalPorts(ports, at);
    const work = begin(step);
    const dead = await attempts.until(makeWorker(place, mortal.ports, engine), work, async () => {
      await mortal.quiet();
      return mortal.died();
    });
    if (!dead) return;
    deaths++;
    open.push(work);
  }

  /** Who was last is not ours to say: the one whose rows are there. */
  async function race(file: DeliveryFile, rival: DeliveryFile): Promise<void> {
    const lenient = edition.contract === 'lenient';
    const silent = createAttempts({
      ...{ place, model: name, placed, fixed: () => undefined, wrong: () => undefined },
      expected: createExpectation(),
    });
    const works = [file, rival].map((one) => {
      const { order } = begin({ ...one, do: 'deliver' });
      return silent.begin(order, one, context, lenient);
    });
    await Promise.all([silent.toTheEnd(worker, works[0]!), silent.toTheEnd(other, works[1]!)]);
    const [newest] = await all[0].stores.partitions.newest(name, file.table, file.day, file.day);
    const there = newest === undefined ? null : newest.rows + newest.quarantinedRows;
    const rivalLast = rowsOf(rival.version, true) !== null && rowCountOf(rival.version) === there;
    for (const one of rivalLast ? [file, rival] : [rival, file])
      expected.arrive(one, lenient, expected.find(one, lenient));
  }

  async function live(step: Step): Promise<void> {
    switch (step.do) {
      case 'place': {
        const { table, day, version } = step;
        placeFile(folder, { table, day, version });
        placed.set(nameOf(step), { table, day, version });
        return;
      }
      case 'deploy':
        edition = { contract: step.contract, views: step.views };
        context = contextOf(name, await deploy(ports, ground.planOf(edition)));
        return;
      case 'crash':
        return dieIn(step.during, step.at);
      case 'deliver-twice-at-once':
        return race(step, step);
      case 'race':
        // Of two files with the same rows the first one stays, and who was first cannot be seen.
        return race(
          step,
          rowsOf(step.rival, true) === rowsOf(step.version, true) ? step : { ...step, version: step.rival },
        );
      case 'featurize-meanwhile': {
        const featurizing = [worker, other].map((by) =>
          attempts.toTheEnd(by, begin({ do: 'featurize', days: step.days })),
        );
        await Promise.all([...featurizing, attempts.toTheEnd(other, begin({ ...step, do: 'deliver' }))]);
        return;
      }
      case 'go-on': {
        const works = open;
        open = [];
        for (const work of works) await attempts.toTheEnd(worker, work);
        return;
      }
      case 'sweep':
        await withClient(place.databaseUrl, (client) =>
          client.query(`update feature_files set compacted_at = now() - interval '25 hours'`),
        );
        await worker.run('sweepArtifacts', { ...context, dryRun: false });
        return;
      default:
        return attempts.toTheEnd(worker, begin(step));
    }
  }

  /** What was fixed before comes out of its manifest again, whatever has happened since. */
  async function checkFixed(): Promise<void> {
    if (lastFixed === null) return;
    const again = await rebuildSnapshot({ stores: ports.stores, artifacts: ports.artifacts, engine }, lastFixed);
    if (JSON.stringify(again) !== JSON.stringify(lastFixed)) problems.push(`snapshot ${lastFixed.id} has changed`);
  }

  for (const step of steps) await live(step);
  await live({ do: 'go-on' });
  for (const { table, day } of PARTITIONS) {
    if (expected.current({ table, day }) === null) await live({ do: 'place', table, day, version: 'a' });
  }
  await live({ do: 'ingest-missing' });
  await live({ do: 'featurize', days: DAYS });
  await checkFixed();
  await live({ do: 'fix-snapshot' }).catch((error: unknown) =>
    problems.push(`no snapshot: ${(error as Error).message}`),
  );
  const found = await readState(place.databaseUrl);
  const wanted = await ground.fromScratch((each) => expected.current(each), edition);
  problems.push(...found.doubles, ...differencesOf(wanted, found), ...(await unreadableFiles(found, ports.artifacts)));
  problems.push(...(await lostInCompaction({ ...ports, engine }, found)));
  const { computed } = await worker.run('featurizeDays', { ...context, days: DAYS });
  if (computed !== 0) problems.push(`${computed} feature partitions were computed again although nothing had changed`);
  return { problems, deaths };
}
