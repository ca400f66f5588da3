// The timeline of the report: who served, what cycles decided, how the champion moved, what monitoring said, and the faults.
import type { TopLevelSpec } from 'vega-lite';
import { addDays } from '../../../src/domain/days';
import type { Findings } from '../findings/gather';
import type { Journal } from '../story/journal';
import { COLOURS } from './draw';
import { dayAxis } from './plots';
import { championBars, KINDS, LANES, marksOf } from './timeline-marks';

const WIDTH = 860;
const LANE_HEIGHT = 52;
/** A narrower bar has no room for its name. */
const LEAST_DAYS_OF_NAME = 5;
const LABEL_OFFSET = 15;

/** Draws the lived time, one lane for each kind of event. */
export function timelinePlot(found: Findings, journal: Journal, timeZone: string): TopLevelSpec {
  const days = found.reports.map(({ day }) => day);
  const kinds = Object.keys(KINDS);
  const marks = marksOf(found, journal, timeZone);
  const bars = championBars(found);
  const edge = (day: string): string => `${day}T00:00:00Z`;
  const y = {
    field: 'lane',
    type: 'nominal',
    sort: LANES,
    scale: { domain: LANES },
    title: null,
    axis: { ticks: false, domain: false, grid: true, labelFontSize: 12, labelPadding: 8 },
  };
  const x = (field: string): object => ({ field, type: 'temporal', axis: dayAxis(days) });
  const domain = [edge(addDays(days[0]!, -1)), edge(addDays(days.at(-1)!, 3))];
  const words = (side: string, dy: number): object => ({
    data: { values: marks.filter((mark) => mark.side === side) },
    mark: { type: 'text', align: 'center', dy, fontSize: 11, color: COLOURS.text },
    encoding: { x: x('at'), y, text: { field: 'label' } },
  });
  return {
    width: WIDTH,
    height: LANES.length * LANE_HEIGHT,
    layer: [
      {
        data: { values: bars },
        mark: { type: 'bar', height: 24, cornerRadius: 3, stroke: 'white', strokeWidth: 1 },
        encoding: { x: x('from'), x2: { field: 'to' }, y, color: { field: 'colour', type: 'nominal', scale: null } },
      },
      {
        data: { values: bars.filter((bar) => bar.days >= LEAST_DAYS_OF_NAME) },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 11, fontWeight: 600, color: 'white' },
        encoding: { x: x('from'), y, text: { field: 'label' } },
      },
      {
        data: { values: marks },
        mark: { type: 'point', filled: true, size: 100, opacity: 1 },
        encoding: {
          x: { ...x('at'), scale: { domain } },
          y,
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => KINDS[kind]!.colour) },
            legend: { title: null, orient: 'bottom', columns: 5, symbolSize: 100, symbolStrokeWidth: 0 },
          },
          shape: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => KINDS[kind]!.shape) },
          },
        },
      },
      words('above', -LABEL_OFFSET),
      words('below', LABEL_OFFSET),
    ],
  } as unknown as TopLevelSpec;
}
