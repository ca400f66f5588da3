// The registry of benchmarks, in the order in which they run: a new one is one line here.
import type { Benchmark } from './benchmark';
import { cycle } from './cycle';
import { data } from './data/data';
import { formats } from './data/formats';
import { memory } from './memory';
import { orchestration } from './orchestration';
import { statistics } from './statistics/statistics';
import { train } from './train/train';

export const BENCHMARKS: readonly Benchmark[] = [statistics, orchestration, cycle, data, formats, train, memory];
