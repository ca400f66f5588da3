// The page about a model's data: one HTML file with everything inside, readable without network and without script. Pure.
import type { DataDocument } from '../document/document';
import { taskWords } from '../task-words';
import { coverageSection } from './coverage';
import { lineageGraph } from './graph';
import type { Html } from './html';
import { facts, html } from './html';
import { count, instant } from './numbers';
import { qualitySection } from './quality';
import { page } from './shell';
import { tablesSection } from './tables';
import { viewsSection } from './views';

const SECTIONS = [
  ['model', 'Model'],
  ['lineage', 'Lineage'],
  ['tables', 'Tables'],
  ['views', 'Feature views'],
  ['coverage', 'Coverage by day'],
  ['quality', 'Quality over time'],
] as const;

/** The whole page. */
export function dataPage(document: DataDocument): string {
  return page({
    title: `The data of ${document.model}`,
    head: head(document),
    main: html`<section aria-labelledby="lineage">
        <h2 id="lineage">Lineage</h2>
        <p>From sources to the champion, left to right. Each box leads to its section.</p>
        ${lineageGraph(document.lineage)}
      </section>
      ${tablesSection(document)} ${viewsSection(document)} ${coverageSection(document)} ${qualitySection(document)}`,
    footer: html`Made by Understudy on ${instant(document.madeAt)} from the recorded plan, partitions, checks and
    features of ${document.model}.`,
  });
}

function head(document: DataDocument): Html {
  const { model, task, description, entity, label, timeZone, champion, tables, views } = document;
  const features = views.reduce((sum, view) => sum + Object.keys(view.features).length, 0);
  return html`<header>
    <p class="kicker">Data of a model</p>
    <h1 id="model">${model}</h1>
    <p class="lead">${description === '' ? 'No description.' : description}</p>
    ${facts([
      ['task', taskWords(task, label)],
      [
        'one prediction for each',
        html`<code>${entity.key}</code> of ${entity.table}, at its <code>${entity.eventTime}</code>`,
      ],
      ['label', html`<code>${label.sql}</code> of ${label.table}`],
      ['time zone', timeZone],
      ['tables, views, features', `${count(tables.length)}, ${count(views.length)}, ${count(features)}`],
      ['champion', champion ? `version ${champion.version} (${champion.contender})` : 'none yet'],
      ['definition', html`<code title="${document.definitionDigest}">${document.definitionDigest.slice(0, 16)}</code>`],
      ['code commit', html`<code>${document.codeCommit.slice(0, 16)}</code>`],
      ['days shown', `${document.from} to ${document.to}`],
      ['data as of', `${instant(document.asOf)}${document.clock === 'simulated' ? ', simulated clock' : ''}`],
      ['page made', instant(document.madeAt)],
    ])}
    <nav aria-label="Sections">
      <ul>
        ${SECTIONS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
      </ul>
    </nav>
  </header>`;
}
