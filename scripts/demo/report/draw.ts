// From a Vega-Lite specification to a static SVG: drawn here, so that the report needs no script and no network.
import { compile, type TopLevelSpec } from 'vega-lite';
import { parse, View } from 'vega';

/** Colours by meaning, the same in all plots; readable for people who do not tell red from green. */
export const COLOURS = {
  served: '#111827',
  baseRate: '#9ca3af',
  contenders: ['#2563eb', '#ea580c', '#7c3aed', '#0d9488'],
  good: '#0d9488',
  warning: '#d97706',
  bad: '#dc2626',
  quiet: '#d1d5db',
  text: '#374151',
  faint: '#6b7280',
} as const;

const FONT = 'Inter, "Segoe UI", Helvetica, Arial, sans-serif';

/** The look that all plots share. */
const CONFIG = {
  font: FONT,
  background: 'white',
  view: { stroke: null },
  axis: {
    labelFont: FONT,
    titleFont: FONT,
    labelColor: COLOURS.faint,
    titleColor: COLOURS.text,
    titleFontWeight: 600,
    titleFontSize: 12,
    labelFontSize: 11,
    gridColor: '#eef0f3',
    domainColor: '#cbd5e1',
    tickColor: '#cbd5e1',
    titlePadding: 10,
  },
  legend: {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: 12,
    titleFontSize: 12,
    labelColor: COLOURS.text,
    titleColor: COLOURS.text,
    symbolStrokeWidth: 3,
    labelLimit: 300,
  },
} as const;

/** Draws a specification without its `config`, which is the shared one. */
export async function draw(spec: TopLevelSpec): Promise<string> {
  const compiled = compile({ ...spec, config: CONFIG });
  const view = new View(parse(compiled.spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
