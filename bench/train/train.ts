// Training: how much of the time is spent fitting. One section per file, in the order in which they run.
import type { Benchmark } from '../benchmark';
import { step } from './step';
import { tuning } from './tuning';

const SECTIONS = [step, tuning] as const;

export const train: Benchmark = {
  name: 'train',
  summary: 'the train step against a bare script; fifty trials of a search on two slots',
  async measure(context) {
    const rows = [];
    for (const section of SECTIONS) rows.push(...(await section(context)));
    return rows;
  },
};
