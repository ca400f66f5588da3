// The section about coverage: a calendar for each table, beside it the same in words and numbers.
import { DAY_STATES, type CoverageSummary, type DayCoverage } from '../document/coverage';
import type { DataDocument, TableDocument } from '../document/document';
import { calendar, legend, STATE_WORDS, stateSymbols } from './calendar';
import { details, html, list, table, type Html } from './html';
import { count, counted, ranges } from './numbers';

/** Lines of the list of days at most, the newest days. */
const DAYS_LISTED = 60;

/** The calendars of all tables. */
export function coverageSection(document: DataDocument): Html {
  const { tables, from, to } = document;
  return html`<section aria-labelledby="coverage">
    <h2 id="coverage">Coverage by day</h2>
    <p>
      What became of each day from ${from} to ${to}; weeks go from left to right, Monday is on top. Point at a cell for
      its numbers.
    </p>
    ${stateSymbols()}${legend()}${tables.map(ofTable)}
  </section>`;
}

function ofTable({ name, days, coverage }: TableDocument): Html {
  const sentences = coverageSentences(coverage);
  const special = days.filter(({ state, rejections }) => rejections > 0 || !['accepted', 'not-due'].includes(state));
  return html`<article aria-labelledby="coverage-${name}">
    <h3 id="coverage-${name}">${name}</h3>
    <div class="coverage">
      <div class="scroll" role="region" aria-label="Calendar of ${name}" tabindex="0">
        ${calendar(`calendar-${name}`, `Coverage of ${name} by day`, sentences.join(' '), days)}
      </div>
      <div>${list(sentences)}</div>
    </div>
    ${special.length === 0 ? null : details(`Days that are not simply accepted (${count(special.length)})`, dayTable(name, special))}
  </article>`;
}

/** So many days of each kind, and which of them need a person. */
export function coverageSentences({ counts, missing, rejected, reopened }: CoverageSummary): string[] {
  const which = { missing, rejected, reopened } as const;
  return DAY_STATES.filter((state) => counts[state] > 0).map((state) => {
    const days = state in which ? `: ${ranges(which[state as keyof typeof which])}` : '';
    return `${counted(counts[state], 'day')} ${STATE_WORDS[state].split(':')[0]}${days}.`;
  });
}

function dayTable(name: string, days: readonly DayCoverage[]): Html {
  const newest = days.slice(-DAYS_LISTED).reverse();
  const caption = `Days of ${name}, the newest first${days.length > DAYS_LISTED ? `; ${DAYS_LISTED} of ${days.length}` : ''}`;
  return table(
    caption,
    ['day', 'state', '#rows', '#set aside', '#revision', '#rejected deliveries'],
    newest.map(({ day, state, rows, quarantinedRows, revision, rejections }) => [
      ...[day, STATE_WORDS[state]],
      ...[rows, quarantinedRows, revision].map((value) => (value === undefined ? null : count(value))),
      count(rejections),
    ]),
  );
}
