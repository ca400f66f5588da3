// The sections about feature views: what each computes, from what, in which version, and who else uses it.
import type { DataDocument, ViewDocument } from '../document/document';
import { daysSeen } from '../document/lineage';
import { details, facts, html, table, type Html } from './html';
import { count } from './numbers';

/** One article for each view. */
export function viewsSection({ views, tables }: DataDocument): Html {
  const isTable = new Set(tables.map(({ name }) => name));
  return html`<section aria-labelledby="views">
    <h2 id="views">Feature views</h2>
    <p>
      Queries that turn partitions into features, a row for each entity of a day. A view sees only the days that it
      declares, and of them only what existed at the event time.
    </p>
    ${views.map((view) => article(view, isTable))}
  </section>`;
}

function article(view: ViewDocument, isTable: ReadonlySet<string>): Html {
  const reads = Object.entries(view.reads).map(([name, days]) => [
    html`<a href="#${isTable.has(name) ? 'table' : 'view'}-${name}">${name}</a>`,
    isTable.has(name) ? 'table' : 'view',
    daysSeen(days),
  ]);
  return html`<article aria-labelledby="view-${view.name}">
    <h3 id="view-${view.name}">${view.name}</h3>
    <p>${view.description === '' ? 'No description.' : view.description}</p>
    ${facts([
      ['owner', view.owner],
      ['version', view.version],
      ['days stored', count(view.daysStored)],
      ['rows stored', count(view.rowsStored)],
      ['also used by', view.sharedWith.length === 0 ? 'no other model' : view.sharedWith.join(', ')],
    ])}
    <div class="side">
      ${table(`What ${view.name} reads`, ['input', 'kind', 'days that it may see'], reads)}
      ${table(
        `Features of ${view.name}`,
        ['feature', 'kind'],
        Object.entries(view.features).map(([name, kind]) => [name, kind]),
      )}
    </div>
    ${details('Its SQL', html`<pre>${view.sql.replace(/^\s*\n/, '')}</pre>`)}
  </article>`;
}
