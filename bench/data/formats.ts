// Large partitions of the other formats: JSON lines, which are read line by line, and Parquet.
import { row, type Benchmark, type Row } from '../benchmark';
import { ingestLarge } from './large-partition';

const GOAL_MB = 1500;
const MEASURED = [
  { format: 'jsonl', title: 'JSON lines, gzip', rows: 1_000_000 },
  { format: 'parquet', title: 'Parquet', rows: 10_000_000 },
] as const;

export const formats: Benchmark = {
  name: 'formats',
  summary: 'a partition of a million rows of JSON lines, and of ten million rows of Parquet',
  async measure({ packageRoot, say }) {
    const rows: Row[] = [];
    for (const { format, title, rows: count } of MEASURED) {
      const { seconds, peakMb, fileMb, rows: stored } = await ingestLarge(packageRoot, format, count);
      const what = `${title}, ${stored / 1e6} million rows (${fileMb.toFixed(0)} MB)`;
      rows.push(
        row(`${what}: ingest`, seconds, 's'),
        row(`${title}: most memory of the data worker`, peakMb, 'MB', GOAL_MB),
      );
      say(`${what}: ${seconds.toFixed(1)} s, ${peakMb.toFixed(0)} MB`);
    }
    return rows;
  },
};
