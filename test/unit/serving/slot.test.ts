import type { ChampionPointer } from '../../../src/domain/lifecycle/registry';
import { UnderstudyError } from '../../../src/domain/failures';
import type { ServedModel } from '../../../src/serving/served-model';
import { createModelSlot } from '../../../src/serving/slot';

function pointer(version: number | null, previous: number | null, epoch: number): ChampionPointer {
  return { model: 'm', version, previous, epoch, since: '2013-01-01T00:00:00.000Z' };
}

/** Versions without a graph: they only tell when they are opened and released. */
function library() {
  const events: string[] = [];
  const broken = new Set<number>();
  let gate: Promise<void> = Promise.resolve();
  const load = async (version: number): Promise<ServedModel> => {
    events.push(`open ${version}`);
    await gate;
    if (broken.has(version)) throw new UnderstudyError('ARTIFACT_CORRUPT', `broken ${version}`);
    return {
      version,
      contender: 'c',
      signature: { columns: [] },
      encode: () => new Float32Array(0),
      score: async () => new Float32Array(0),
      explainer: () => Promise.reject(new Error('there is no model')),
      release: async () => void events.push(`release ${version}`),
    };
  };
  /** Holds all loads until the returned function is called. */
  const hold = () => {
    let open = () => {};
    gate = new Promise((resolve) => (open = resolve));
    return open;
  };
  return { events, broken, load, hold, slot: createModelSlot('m', load, () => undefined, { firstRetryMs: 5 }) };
}

describe('a slot', () => {
  it('answers with the old champion until the new one is open, and switches then', async () => {
    const { slot, hold } = library();
    await slot.follow(pointer(1, null, 1));
    const open = hold();
    const switched = slot.follow(pointer(2, 1, 2));
    expect(slot.lease().served.version).toBe(1);
    expect(slot.state()).toMatchObject({ champion: 2, serving: 1 });
    open();
    await switched;
    expect(slot.lease().served.version).toBe(2);
  });

  it('releases a version when its last request has ended, not before', async () => {
    const { slot, events } = library();
    await slot.follow(pointer(1, null, 1));
    const [first, second] = [slot.lease(), slot.lease()];
    await slot.follow(pointer(2, 1, 2));
    await slot.follow(pointer(3, 2, 3));
    expect(slot.state().loaded).toEqual([2, 3]);
    first.end();
    first.end();
    await new Promise(setImmediate);
    expect(events).not.toContain('release 1');
    second.end();
    await new Promise(setImmediate);
    expect(events).toContain('release 1');
  });

  it('goes back to previous without opening anything', async () => {
    const { slot, events } = library();
    await slot.follow(pointer(1, null, 1));
    await slot.follow(pointer(2, 1, 2));
    await slot.follow(pointer(1, null, 3));
    expect(slot.lease().served.version).toBe(1);
    await new Promise(setImmediate);
    expect(events).toEqual(['open 1', 'open 2', 'release 2']);
  });

  it('ends with the newest pointer when several come while it loads', async () => {
    const { slot, hold } = library();
    const open = hold();
    const all = [1, 2, 3].map((version) => slot.follow(pointer(version, version > 1 ? version - 1 : null, version)));
    open();
    await Promise.all(all);
    expect(slot.state()).toMatchObject({ serving: 3, loaded: [3, 2] });
  });

  it('does not serve previous in place of a champion that cannot be loaded, but by its number', async () => {
    const { slot, broken } = library();
    broken.add(2);
    await slot.follow(pointer(2, 1, 2));
    expect(() => slot.lease()).toThrow('Version 2, the champion of m, cannot be loaded (ARTIFACT_CORRUPT): broken 2');
    expect(slot.lease(1).served.version).toBe(1);
    expect(() => slot.lease(2)).toThrow('Version 2 of m is not loaded; loaded: 1.');
  });

  it('tries a version that failed again after a wait, and forgets it when the pointer has moved on', async () => {
    const { slot, broken, events } = library();
    await slot.follow(pointer(1, null, 1));
    broken.add(2);
    await slot.follow(pointer(2, 1, 2));
    await slot.follow(pointer(2, 1, 2));
    expect(events.filter((event) => event === 'open 2')).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await slot.follow(pointer(2, 1, 2));
    expect(slot.state()).toMatchObject({
      serving: 1,
      failures: [{ version: 2, code: 'ARTIFACT_CORRUPT', attempts: 2 }],
    });
    await slot.follow(pointer(3, 1, 3));
    expect(slot.state()).toMatchObject({ serving: 3, failures: [] });
  });

  it('waits for the last request when it closes, and opens nothing afterwards', async () => {
    const { slot, events } = library();
    await slot.follow(pointer(1, null, 1));
    const lease = slot.lease();
    const closed = slot.close();
    await slot.follow(pointer(2, 1, 2));
    expect(events).toEqual(['open 1']);
    lease.end();
    await closed;
    expect(events).toEqual(['open 1', 'release 1']);
    expect(() => slot.lease()).toThrow(UnderstudyError);
  });
});
