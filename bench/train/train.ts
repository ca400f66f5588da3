// Training: how much of the time is spent fitting, and what a kill costs. One section per file, in the order in which they run.
import type { Benchmark } from '../benchmark';
import { killed } from './killed';
import { step } from './step';
import { tuning } from './tuning';

const SECTIONS = [step, tuning, killed] as const;

export const train: Benchmark = {
  name: 'train',
  summary:
    'the train step against a bare script; fifty trials of a search on two slots; a long training that is killed at half',
  async measure(context) {
    const rows = [];
    for (const section of SECTIONS) rows.push(...(await section(context)));
    return rows;
  },
};
