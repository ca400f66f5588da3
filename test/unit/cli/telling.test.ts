// What commands tell of ends, failures and reports.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countsText } from '../../../src/cli/commands/backfill';
import { expanded } from '../../../src/cli/commands/decide';
import { monitorText } from '../../../src/cli/commands/monitor';
import { namedSnapshot } from '../../../src/cli/named-versions';
import { failureText } from '../../../src/cli/output';
import { endOfRequest, endText, isFailure } from '../../../src/cli/waiting';
import { readServing, servingProblem } from '../../../src/client/serving-readiness';
import { UnderstudyError } from '../../../src/domain/failures';
import type { EndedWork } from '../../../src/domain/lifecycle/ended-work';
import type { LifecycleStatus } from '../../../src/domain/lifecycle/lifecycle';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import { failureOf } from '../../../src/stores/database-failures';

const AT = '2013-03-11T12:00:00.000Z';
const ended = (more: Partial<EndedWork>): EndedWork => ({
  ...{ kind: 'cycle', id: 'cycle/m/1', logicalTime: null, end: 'decided', code: null, sentence: 'promote: better' },
  ...{ at: AT, ...more },
});
/** States as they follow each other. */
const lifecycle = (...states: Partial<LifecycleStatus>[]) => ({
  status: () => Promise.resolve({ queued: 0, open: [], ended: [], ...states.shift() } as unknown as LifecycleStatus),
});
const runs = { kind: 'cycle', id: 'cycle/m/1', since: AT, logicalTime: null, epoch: 0 } as const;
const look = () => undefined;

describe('waiting for a request', () => {
  it('ends with the end of the work that the request started', async () => {
    const failed = ended({ end: 'failed', code: 'TOO_FEW_ROWS', sentence: '3 rows', request: 'r' });
    const end = await endOfRequest(lifecycle({ ended: [failed] }), 'm', 'r', look);
    expect(end).toEqual(failed);
    expect(isFailure(end)).toBe(true);
    expect(endText(failed)).toBe(
      'cycle/m/1: failed: TOO_FEW_ROWS: 3 rows\nWiden the window or wait for more labelled days.',
    );
  });

  it('follows the running work that a request merged with, to its end', async () => {
    const merged = ended({ end: 'merged', into: 'cycle/m/1', request: 'r' });
    const decided = ended({ request: 'first' });
    const states = [{ ended: [merged], open: [runs] }, { ended: [merged, decided] }];
    expect(await endOfRequest(lifecycle(...states), 'm', 'r', look)).toEqual(decided);
  });

  it('ends without an answer when nothing of it is under way or remembered', async () => {
    expect(await endOfRequest(lifecycle({}), 'm', 'r', look)).toBeNull();
  });
});

it('takes 8 digits or more of the pending digest for all of it, and nothing else', () => {
  const pending = '0888e5e1df23aa';
  expect(expanded('0888e5e1', pending)).toBe(pending);
  expect(expanded('0888e5', pending)).toBe('0888e5');
  expect(expanded('1888e5e1', pending)).toBe('1888e5e1');
  expect(expanded(undefined, pending)).toBe(pending);
});

it('advises with the model that was named, and with the remedy of the failure itself', () => {
  const unknown = new UnderstudyError('VERSION_NOT_FOUND', 'm has no version 9');
  expect(failureText(unknown, 'm').text).toContain('Run: npx understudy versions m\n');
  expect(failureText(unknown).text).toContain('versions <model>');
  const own = new UnderstudyError('DATABASE_UNAVAILABLE', 'No stack is running', {
    remedy: 'Run: npx understudy start',
  });
  expect(failureText(own)).toEqual({
    text: 'understudy: DATABASE_UNAVAILABLE: No stack is running\nRun: npx understudy start\n',
    exit: 5,
  });
});

it('takes a database that does not answer in time for one that cannot be reached', () => {
  expect(failureOf(new Error('timeout expired'), 'db')).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

it('says that there is no snapshot yet, and what makes one', async () => {
  const stores = { features: { snapshots: () => Promise.resolve([]) } } as never;
  await expect(namedSnapshot(stores, 'm', undefined)).rejects.toThrow('no snapshot yet');
});

it('counts in words what a backfill did', () => {
  const text = countsText({
    ...{ done: 4, of: 4, doing: 'done', rowsPerSecond: 0, partitionsPerSecond: 0, secondsLeft: 0 },
    ...{ days: 2, accepted: 3, rows: 120, skipped: 1, rejected: 2, missing: 1, featuresComputed: 4, featuresReused: 0 },
  });
  expect(text.split('\n')).toEqual([
    'days        2',
    'partitions  3 accepted (120 rows), 1 were there already',
    'not stored  1 rejected, 1 missing',
    'features    4 partitions computed, 0 reused',
  ]);
});

it('lists monitor reports with verdict, losses, drifted features and reasons', () => {
  const performance = [
    {
      version: 2,
      contender: 'main',
      role: 'champion',
      newest: true,
      n: 40,
      logLoss: 0.5,
      rocAuc: 0.7,
      meanPrediction: 0.2,
    },
    {
      version: 1,
      contender: 'main',
      role: 'previous',
      newest: false,
      n: 40,
      logLoss: 0.25,
      rocAuc: 0.7,
      meanPrediction: 0.2,
    },
  ] as const;
  const drift = { feature: 'wind', psi: 0.4, psiTraining: 0.3, missingShare: 0, judged: true };
  const report: MonitorReport = {
    ...{
      model: 'm',
      day: '2013-03-11',
      championVersion: 2,
      rows: 41,
      labelledRows: 40,
      lateShare: 0.2,
      predictionPsi: 0,
    },
    drift: [
      { ...drift, drifted: true },
      { ...drift, feature: 'distance', drifted: false },
    ],
    skew: { compared: 0, differing: 0, worst: null },
    ...{ performance, baseRateLogLoss: 0.6931, businessMetric: null, scored: null, badDay: true, verdict: 'alert' },
    reasons: ['wind has drifted'],
  };
  const text = monitorText('m', [report]);
  for (const part of [
    'alert (bad day)',
    '40 of 41',
    '0.5000',
    '0.6931',
    '0.2500',
    'wind',
    '2013-03-11: wind has drifted',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('distance');
  expect(monitorText('m', [])).toContain('No day of m');
});

describe('what serving says of itself', () => {
  const corrupt = { version: 4, code: 'ARTIFACT_CORRUPT', message: 'its bytes are others' };
  const broken = { model: 'm', champion: 4, serving: 5, failures: [corrupt] };

  it('is a problem when the champion is not what answers, or a version could not be opened', () => {
    expect(servingProblem(broken)).toBe(
      'm: the champion is version 4, but version 5 answers; version 4: ARTIFACT_CORRUPT: its bytes are others',
    );
    expect(servingProblem({ ...broken, serving: 4 })).toContain('ARTIFACT_CORRUPT');
    expect(servingProblem({ ...broken, serving: 4, failures: [] })).toBeNull();
    expect(servingProblem({ ...broken, champion: null, serving: null, failures: [] })).toBeNull();
  });

  it('is read from its readiness, and a process that is not ready is a failure with its reason', async () => {
    let ready = true;
    const server = createServer((_, response) => {
      response.statusCode = ready ? 200 : 503;
      response.end(JSON.stringify(ready ? { ready, models: [broken] } : { ready, error: 'The process is ending.' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await readServing(url)).toEqual([broken]);
      ready = false;
      await expect(readServing(url)).rejects.toMatchObject({
        code: 'SERVING_UNAVAILABLE',
        message: expect.stringContaining('ending') as string,
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    await expect(readServing(url)).rejects.toMatchObject({ code: 'SERVING_UNAVAILABLE' });
  });
});
