// The calendar plot of a table: weeks across, weekdays down, a cell for each day, with a sign and a colour for its state.
import { addDays, dayNumber, type Day } from '../../domain/days';
import { DAY_STATES, type DayCoverage, type DayState } from '../document/coverage';
import { html, type Html } from './html';
import { counted } from './numbers';

/** What a state is called. */
export const STATE_WORDS: Readonly<Record<DayState, string>> = {
  accepted: 'accepted',
  quarantined: 'accepted, some rows set aside',
  reopened: 're-opened: accepted in a later revision',
  rejected: 'rejected',
  missing: 'missing: due and not there',
  'not-due': 'not due',
};

const STEP = 14;
const LEFT = 32;
/** Room for the name of a month that begins in the last week. */
const RIGHT = 14;
const TOP = 18;
const STRIP_HEIGHT = TOP + 7 * STEP + 6;
const WEEKS_OF_A_STRIP = 54;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The signs of all states, to be put into the page once; cells refer to them. */
export function stateSymbols(): Html {
  const signs: Readonly<Record<DayState, Html>> = {
    accepted: html``,
    quarantined: html`<circle class="on-dark" cx="6" cy="6" r="2" />`,
    reopened: html`<circle class="on" cx="6" cy="6" r="3" />`,
    rejected: html`<path class="on" d="M3 3L9 9M9 3L3 9" />`,
    missing: html`<path class="c-missing" d="M3 9L9 3" />`,
    'not-due': html``,
  };
  const symbol = (state: DayState): Html => {
    const box =
      state === 'missing'
        ? html`<rect class="c-missing" x="1" y="1" width="10" height="10" rx="1" />`
        : html`<rect class="c-${state}" width="12" height="12" rx="2" />`;
    return html`<g id="d-${state}">${box}${signs[state]}</g>`;
  };
  return html`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
    <defs>${DAY_STATES.map(symbol)}</defs>
  </svg>`;
}

/** The legend in signs and words. */
export function legend(): Html {
  const item = (state: DayState): Html =>
    html`<li>
      <svg width="12" height="12" aria-hidden="true"><use href="#d-${state}" /></svg>${STATE_WORDS[state]}
    </li>`;
  return html`<ul class="legend" aria-label="Legend of the calendars">
    ${DAY_STATES.map(item)}
  </ul>`;
}

/** Monday is 0. */
function weekday(day: Day): number {
  return (dayNumber(day) + 3) % 7;
}

/** Days in strips of at most about a year: in one strip where they fit, else one for each calendar year. */
function stripsOf(days: readonly DayCoverage[]): DayCoverage[][] {
  if (days.length === 0) return [];
  const weeks = Math.ceil((days.length + weekday(days[0]!.day)) / 7);
  if (weeks <= WEEKS_OF_A_STRIP) return [[...days]];
  const years = [...new Set(days.map(({ day }) => day.slice(0, 4)))];
  return years.map((year) => days.filter(({ day }) => day.startsWith(year)));
}

/** Draws the days, which follow each other; `summary` is the description for who cannot see the plot. */
export function calendar(id: string, title: string, summary: string, days: readonly DayCoverage[]): Html {
  const strips = stripsOf(days);
  const weeks = Math.max(1, ...strips.map((strip) => weekOf(strip, strip.at(-1)!.day) + 1));
  const width = LEFT + STEP * weeks + RIGHT;
  const height = strips.length * STRIP_HEIGHT;
  return html`<svg
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-labelledby="${id}-t ${id}-d"
  >
    <title id="${id}-t">${title}</title>
    <desc id="${id}-d">${summary}</desc>
    ${strips.map((strip, index) => html`<g transform="translate(0 ${index * STRIP_HEIGHT})">${weekdays()}${monthNames(strip)}${strip.map((day) => cell(day, strip))}</g>`)}
  </svg>`;
}

function weekOf(strip: readonly DayCoverage[], day: Day): number {
  const firstMonday = addDays(strip[0]!.day, -weekday(strip[0]!.day));
  return Math.floor((dayNumber(day) - dayNumber(firstMonday)) / 7);
}

function weekdays(): Html[] {
  return (['Mon', 'Wed', 'Fri'] as const).map(
    (name, index) => html`<text x="0" y="${TOP + 2 * index * STEP + 10}">${name}</text>`,
  );
}

/** Over the week of each month's first day, and over the first week; with the year at the start of the strip and in January. */
function monthNames(strip: readonly DayCoverage[]): Html[] {
  const firsts = strip.filter(({ day }, index) => index === 0 || day.endsWith('-01')).map(({ day }) => day);
  // A name at the very start has no room when the next month begins within three weeks.
  const shown = firsts.filter((day, index) => index > 0 || !firsts[1] || weekOf(strip, firsts[1]) >= 4);
  return shown.map((day, index) => {
    const name = MONTHS[Number(day.slice(5, 7)) - 1]!;
    const year = index === 0 || name === 'Jan' ? ` ${day.slice(0, 4)}` : '';
    return html`<text x="${LEFT + weekOf(strip, day) * STEP}" y="11">${name}${year}</text>`;
  });
}

function cell(day: DayCoverage, strip: readonly DayCoverage[]): Html {
  const x = LEFT + weekOf(strip, day.day) * STEP;
  const y = TOP + weekday(day.day) * STEP;
  return html`<use href="#d-${day.state}" x="${x}" y="${y}"><title>${cellTitle(day)}</title></use>`;
}

/** The exact numbers of a day. */
export function cellTitle({ day, state, rows, quarantinedRows, revision, rejections }: DayCoverage): string {
  const parts = [
    rows === undefined ? null : counted(rows, 'row'),
    quarantinedRows ? `${counted(quarantinedRows, 'row')} set aside` : null,
    revision !== undefined && revision > 1 ? `revision ${revision}` : null,
    rejections > 0 ? `${counted(rejections, 'delivery').replace('deliverys', 'deliveries')} rejected` : null,
  ].filter((part) => part !== null);
  const words =
    state === 'reopened' ? 're-opened' : state === 'missing' ? 'missing' : STATE_WORDS[state].split(',')[0]!;
  return `${day}: ${[words, ...parts].join(', ')}`;
}
