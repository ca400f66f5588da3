// Calendar days, time zones and ticks: pure arithmetic, also across changes of the clock.
import fc from 'fast-check';
import { addDays, dayNumber, dayOfNumber, daysBetween, isDay, isTruthDay } from '../../../src/domain/days';
import { logicalDayOf } from '../../../src/domain/lifecycle/ticks';
import { availableAt, instantOf, localDay, parseAvailability } from '../../../src/domain/zones';

const NEW_YORK = 'America/New_York';
const anyDay = fc.integer({ min: -20_000, max: 40_000 }).map(dayOfNumber);

describe('days', () => {
  it('count from 1970-01-01', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('2013-01-01')).toBe(15_706);
    expect(addDays('2012-02-28', 2)).toBe('2012-03-01');
    expect(daysBetween('2013-12-30', '2014-01-01')).toEqual(['2013-12-30', '2013-12-31', '2014-01-01']);
    expect(daysBetween('2013-01-02', '2013-01-01')).toEqual([]);
  });

  it('are ordered as text as they are in time, and adding is undone by subtracting', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 1, max: 800 }), (day, n) => {
        expect(addDays(day, n) > day).toBe(true);
        expect(addDays(addDays(day, n), -n)).toBe(day);
        expect(daysBetween(day, addDays(day, n))).toHaveLength(n + 1);
      }),
    );
  });

  it.each(['2013-02-29', '2013-13-01', '2013-1-1', '13-01-01', '2013-01-01T00:00:00Z', ''])('refuse %j', (text) => {
    expect(isDay(text)).toBe(false);
  });

  it('are truth days one in n, by the calendar alone', () => {
    const days = daysBetween('2013-01-01', '2013-04-10').filter((day) => isTruthDay(day, 10));
    expect(days).toHaveLength(10);
    expect(days[0]).toBe('2013-01-05');
    expect(new Set(days.map((day) => dayNumber(day) % 10))).toEqual(new Set([0]));
  });
});

describe('zones', () => {
  it.each([
    ['2013-01-15', '00:00', '2013-01-15T05:00:00.000Z'],
    ['2013-07-15', '00:00', '2013-07-15T04:00:00.000Z'],
    // The day of 23 hours: the clock goes from 02:00 EST to 03:00 EDT.
    ['2013-03-10', '00:00', '2013-03-10T05:00:00.000Z'],
    ['2013-03-10', '01:59', '2013-03-10T06:59:00.000Z'],
    ['2013-03-10', '03:00', '2013-03-10T07:00:00.000Z'],
    ['2013-03-11', '00:00', '2013-03-11T04:00:00.000Z'],
    // The day of 25 hours: 01:30 happens twice.
    ['2013-11-03', '00:00', '2013-11-03T04:00:00.000Z'],
    ['2013-11-03', '03:00', '2013-11-03T08:00:00.000Z'],
    ['2013-11-04', '00:00', '2013-11-04T05:00:00.000Z'],
  ])('reads %s %s in New York as %s', (day, time, instant) => {
    expect(instantOf(day, time, NEW_YORK)).toBe(instant);
  });

  it('gives a time that the clock skips or repeats an instant of the same local day', () => {
    for (const [day, time] of [
      ['2013-03-10', '02:30'],
      ['2013-11-03', '01:30'],
    ] as const)
      expect(localDay(instantOf(day, time, NEW_YORK), NEW_YORK)).toBe(day);
  });

  it('finds the local day back from the instant at which it starts, in any zone', () => {
    const zones = [NEW_YORK, 'UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Auckland', 'Pacific/Kiritimati'];
    fc.assert(
      fc.property(anyDay, fc.constantFrom(...zones), (day, zone) => {
        expect(localDay(instantOf(day, '12:00', zone), zone)).toBe(day);
        expect(localDay(instantOf(day, '00:00', zone), zone)).toBe(day);
      }),
    );
  });

  it('applies an availability rule in local time, also where the next day starts an hour earlier', () => {
    expect(parseAvailability('D 00:00')).toEqual({ offsetDays: 0, time: '00:00' });
    expect(parseAvailability('D+12 06:30')).toEqual({ offsetDays: 12, time: '06:30' });
    expect(availableAt('D+1 00:00', '2013-03-09', NEW_YORK)).toBe('2013-03-10T05:00:00.000Z');
    expect(availableAt('D+1 00:00', '2013-03-10', NEW_YORK)).toBe('2013-03-11T04:00:00.000Z');
    expect(availableAt('D+1 06:30', '2013-11-02', NEW_YORK)).toBe('2013-11-03T11:30:00.000Z');
  });
});

describe('ticks', () => {
  it('score and monitor the local day that has ended; the others are of the local day itself', () => {
    const asOf = '2013-03-11T05:30:00Z';
    const days = (['ingest', 'score', 'retrain', 'monitor', 'retention'] as const).map((kind) =>
      logicalDayOf(kind, asOf, NEW_YORK),
    );
    expect(days).toEqual(['2013-03-11', '2013-03-10', '2013-03-11', '2013-03-10', '2013-03-11']);
  });

  it('take an instant before local midnight for the day before', () => {
    expect(logicalDayOf('ingest', '2013-07-01T03:59:59Z', NEW_YORK)).toBe('2013-06-30');
    expect(logicalDayOf('ingest', '2013-07-01T04:00:00Z', NEW_YORK)).toBe('2013-07-01');
  });
});
