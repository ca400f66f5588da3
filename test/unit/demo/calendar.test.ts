// The demo's calendar: the instants at which a model's Schedules would tick.
import { dayOfWeek, ticksOn, weekOf } from '../../../scripts/demo/story/calendar';

const plan = {
  timeZone: 'America/New_York',
  schedules: {
    ingest: '0 1 * * *',
    score: '30 1 * * *',
    monitor: '0 3 * * *',
    retrain: '0 4 * * 1',
    retention: '0 5 * * 0',
  },
};

describe('the ticks of a day', () => {
  it('are the local times of the crons as instants, in their order', () => {
    expect(ticksOn('2013-07-02', plan)).toEqual([
      { kind: 'ingest', asOf: '2013-07-02T05:00:00.000Z' },
      { kind: 'score', asOf: '2013-07-02T05:30:00.000Z' },
      { kind: 'monitor', asOf: '2013-07-02T07:00:00.000Z' },
    ]);
  });

  it('have a retraining on Mondays and retention on Sundays, also when Sunday is written as 7', () => {
    expect(ticksOn('2013-07-08', plan).at(-1)).toEqual({ kind: 'retrain', asOf: '2013-07-08T08:00:00.000Z' });
    expect(ticksOn('2013-07-07', plan).at(-1)?.kind).toBe('retention');
    const sevens = { ...plan, schedules: { ...plan.schedules, retention: '0 5 * * 7' } };
    expect(ticksOn('2013-07-07', sevens).at(-1)?.kind).toBe('retention');
  });

  it('follow the change to winter time', () => {
    expect(ticksOn('2013-11-04', plan)[0]).toEqual({ kind: 'ingest', asOf: '2013-11-04T06:00:00.000Z' });
  });

  it('understand lists, ranges and steps', () => {
    const often = { ...plan, schedules: { ...plan.schedules, ingest: '0 6-12/3,20 * * 1-5' } };
    const hours = (day: string) =>
      ticksOn(day, often)
        .filter(({ kind }) => kind === 'ingest')
        .map(({ asOf }) => asOf.slice(11, 13));
    expect(hours('2013-07-05')).toEqual(['10', '13', '16', '00']);
    expect(hours('2013-07-06')).toEqual([]);
  });
});

describe('weeks', () => {
  it('begin on Monday', () => {
    expect(dayOfWeek('2013-07-01')).toBe(1);
    expect([weekOf('2013-07-01'), weekOf('2013-07-07'), weekOf('2013-07-08')]).toEqual([
      '2013-07-01',
      '2013-07-01',
      '2013-07-08',
    ]);
  });
});
