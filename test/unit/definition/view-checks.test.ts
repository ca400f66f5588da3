// Feature views that read tables and each other: what a definition may say, and the words for what it may not.
import { defineModel } from '../../../src/definition/define-model';
import { featureView } from '../../../src/definition/builders';
import type { FeatureViewPlan } from '../../../src/domain/plan/plan';
import { modelInput } from './example';

const view = (
  name: string,
  reads: Record<string, number>,
  features: FeatureViewPlan['features'] = { [`${name}_x`]: 'number' },
) => featureView({ name, reads, sql: 'select …', features });

function mistakes(...features: ReturnType<typeof view>[]): string[] {
  try {
    defineModel(modelInput({ features }));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace('models/late/model.ts: ', ''));
  }
}

describe('views that read views', () => {
  it('are allowed in any order, with a look-back of their own', () => {
    expect(mistakes(view('c', { b: 2, trips: 0 }), view('b', { a: 0 }), view('a', { trips: 0 }))).toEqual([]);
  });

  it('are refused for a name that is neither a table nor a view, with both lists', () => {
    expect(mistakes(view('a', { trips: 0 }), view('b', { trip: 0 }))).toEqual([
      'features[1].reads.trip: found table "trip", allowed is a declared table: trips, outcomes; or another view: a',
    ]);
  });

  it('are refused for a circle, once, with its path', () => {
    expect(mistakes(view('a', { trips: 0, c: 0 }), view('b', { a: 1 }), view('c', { b: 0 }))).toEqual([
      'features[0].reads.c: found a circle: a → c → b → a, allowed is views that do not read themselves, also not through other views',
    ]);
    expect(mistakes(view('a', { a: 1 }))).toEqual([
      'features[0].reads.a: found a circle: a → a, allowed is views that do not read themselves, also not through other views',
    ]);
  });

  it('are refused for a name that a table has, and for features with the names of the bound columns', () => {
    expect(mistakes(view('trips', { outcomes: 1 }), view('b', { trips: 0 }, { available_at: 'number' }))).toEqual([
      'features[0].name: found "trips", which is a table too, allowed is a name that no table has',
      'features[1].features.available_at: found a column that every bound view has, allowed is names other than partition_day, available_at',
    ]);
  });
});
