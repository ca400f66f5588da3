// The registry of benchmarks, in the order in which they run: a new one is one line here.
import type { Benchmark } from './benchmark';
import { cycle } from './cycle';
import { data } from './data/data';
import { memory } from './memory';
import { orchestration } from './orchestration';
import { train } from './train/train';

export const BENCHMARKS: readonly Benchmark[] = [orchestration, cycle, data, train, memory];
