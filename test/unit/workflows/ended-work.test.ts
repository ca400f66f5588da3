// What a lifecycle keeps of work that ended: bounded, readable from a state of before it was kept, and told in words.
import type { ChildFinished, OpenWork } from '../../../src/domain/lifecycle/lifecycle';
import { endOf } from '../../../src/workflows/lifecycle/ended';
import { createEntity, recover, rememberEnd, statusOf, worsen } from '../../../src/workflows/lifecycle/entity';
import { noteOnCycle } from '../../../src/workflows/lifecycle/starting';

const AT = '2013-03-11T12:00:00.000Z';
const DAY = '2013-03-11';
const cycle = (id: string, outcome: ChildFinished['outcome']): ChildFinished => ({ kind: 'cycle', id, outcome });
const work: OpenWork = { kind: 'cycle', id: 'cycle/m/1', since: AT, logicalTime: DAY, epoch: 0, request: 'retrain/r' };

function entity() {
  const made = createEntity({ model: 'm', clock: 'simulated' });
  made.state.now = AT;
  made.state.definitionDigest = 'd';
  return made;
}

it('keeps code, sentence, instant and request of a failure', () => {
  const failed = cycle('cycle/m/1', { type: 'failed', code: 'TOO_FEW_ROWS', message: '3 rows, 50 are needed' });
  expect(endOf(failed, work, AT)).toEqual({
    ...{ kind: 'cycle', id: 'cycle/m/1', logicalTime: DAY, end: 'failed', code: 'TOO_FEW_ROWS' },
    ...{ sentence: '3 rows, 50 are needed', at: AT, request: 'retrain/r' },
  });
});

it('says what a merged cycle merged with, and what to do', () => {
  const end = endOf(cycle('cycle/m/1/r2', { type: 'merged', into: 'cycle/m/1' }), undefined, AT);
  expect(end).toMatchObject({ end: 'merged', into: 'cycle/m/1', code: null });
  expect(end.sentence).toContain('deploy a changed definition');
});

it('does not fail on a report that lacks its words', () => {
  const odd = { kind: 'cycle', id: 'x', outcome: { type: 'failed' } } as unknown as ChildFinished;
  expect(endOf(odd, undefined, AT)).toMatchObject({ end: 'failed' });
});

it('keeps the last 20, and of daily work only what failed', () => {
  const made = entity();
  const end = endOf(cycle('c', { type: 'done', note: '' }), work, AT);
  rememberEnd(made, { ...end, kind: 'ingest' });
  rememberEnd(made, { ...end, kind: 'ingest', end: 'failed' });
  for (let n = 0; n < 25; n++) rememberEnd(made, { ...end, id: `c${n}` });
  expect(statusOf(made, 0).ended.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, n) => `c${n + 5}`));
});

it('reads and goes on with a state of before ends and reasons were kept', () => {
  const { lately: _, healthReason: __, ...old } = entity().state;
  const made = createEntity({
    model: 'm',
    clock: 'simulated',
    state: { ...old, health: 'degraded' },
  });
  expect(statusOf(made, 0)).toMatchObject({ health: 'degraded', healthReason: null, ended: [] });
  rememberEnd(made, endOf(cycle('c', { type: 'done', note: '' }), work, AT));
  expect(statusOf(made, 0).ended).toHaveLength(1);
});

it('says why the health is not good until it recovers', () => {
  const made = entity();
  worsen(made, 'degraded', 'cycle/m/1: TOO_FEW_ROWS: 3 rows');
  const reason = { health: 'degraded', since: AT, why: 'cycle/m/1: TOO_FEW_ROWS: 3 rows' };
  expect(statusOf(made, 0)).toMatchObject({ health: 'degraded', healthReason: reason });
  recover(made, 'needs-human');
  expect(statusOf(made, 0).health).toBe('degraded');
  recover(made, 'degraded');
  expect(statusOf(made, 0)).toMatchObject({ health: 'good', healthReason: null });
});

it('notes a cycle of the same day and definition that runs, or was decided, before another one starts', () => {
  const made = entity();
  const { state } = made;
  expect(noteOnCycle(made, DAY)).toBeUndefined();
  state.cycles.push({ id: 'cycle/m/1', logicalTime: DAY, definitionDigest: 'd', round: 1 });
  expect(noteOnCycle(made, DAY)).toBeUndefined();
  state.open.push(work);
  expect(noteOnCycle(made, DAY)).toContain('is running: cycle/m/1');
  state.open = [];
  state.decisions.push({ cycle: 'cycle/m/1', digest: 'x', verdict: 'reject', version: null });
  expect(noteOnCycle(made, DAY)).toContain('that cycle exists already: cycle/m/1');
  state.definitionDigest = 'changed';
  expect(noteOnCycle(made, DAY)).toBeUndefined();
});
