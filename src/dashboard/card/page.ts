// The page of a model card: one HTML file with everything inside, readable without network and without script, on a phone and in the dark. Pure.
import type { Task } from '../../domain/evaluation/metrics';
import type { Html } from '../page/html';
import { facts, html, list, table, type Part } from '../page/html';
import { count, counted, instant, number } from '../page/numbers';
import { page } from '../page/shell';
import type { CardDocument } from './document';
import { explanationSections } from './explained';
import { comparisonSection, curvesSection, decisionSection, metricsSection } from './judged';
import { loanSection } from './loan';
import { searchSection, trainingSection } from './trained';
import { labelColumns } from './task-judged';

const SECTIONS = [
  ['limits', 'Limits'],
  ['loan', 'Borrowed'],
  ['data', 'Data'],
  ['features', 'Features'],
  ['training', 'Training'],
  ['search', 'Search'],
  ['metrics', 'Metrics'],
  ['curves', 'Curves'],
  ['importance', 'What counts'],
  ['dependence', 'Dependence'],
  ['comparison', 'Champion'],
  ['decision', 'Decision'],
  ['lineage', 'Lineage'],
] as const;

/** What the card needs besides the look of the other pages. */
const CARD_STYLE = `
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 8px 28px; align-items: start; } .figures svg { width: 100%; height: auto; }
.plot-line.second { stroke: var(--faint); stroke-dasharray: 4 4; } .whisker { stroke: var(--ink); stroke-width: 1.2; fill: none; } svg text.bar-name { fill: var(--ink); }
.passed { color: var(--reopened); font-weight: 600; white-space: nowrap; } .failed { color: var(--rejected); font-weight: 600; white-space: nowrap; } h1 span { color: var(--faint); font-weight: 400; }
@media (max-width: 600px) { header, main, footer { padding-left: 14px; padding-right: 14px; } h1 { font-size: 24px; } h2 { margin-top: 32px; } dl { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); } }
`;

/** The whole page. */
export function cardPage(document: CardDocument): string {
  const name = `${document.model}@${document.version}`;
  return page({
    title: `Model card of ${name}`,
    style: CARD_STYLE,
    head: head(document),
    main: html`<section aria-labelledby="limits">
        <h2 id="limits">Limits</h2>
        <p>What to know before relying on the numbers.</p>
        ${list(document.limits)}
      </section>
      ${loanSection(document)} ${dataSection(document)} ${featuresSection(document)} ${trainingSection(document)}
      ${searchSection(document)} ${metricsSection(document)} ${curvesSection(document)} ${explanationSections(document)}
      ${comparisonSection(document)} ${decisionSection(document)} ${lineageSection(document)}`,
    footer: html`Made by Understudy on ${instant(document.madeAt)} from what was recorded about ${name}.`,
  });
}

function head(document: CardDocument): Html {
  const { model, version, contender, state, createdAt, purpose, explanation, loan } = document;
  const { description, task, entity, label, owner, featureOwners } = purpose;
  const absent = new Set([
    ...(explanation ? [] : ['curves', 'dependence']),
    ...(loan ? [] : ['loan']),
    ...(document.search ? [] : ['search']),
  ]);
  const there = SECTIONS.filter(([id]) => !absent.has(id));
  return html`<header>
    <p class="kicker">Model card</p>
    <h1>${model} <span>version ${version}</span></h1>
    <p class="lead">${description === '' ? 'No description.' : description}</p>
    ${facts([
      ['state', state],
      ['contender', contender],
      ['borrowed from', loan && loan.from.join(', borrowed from ')],
      ['task', taskWords(task, label.classes)],
      [
        'one prediction for each',
        html`<code>${entity.key}</code> of ${entity.table}, at its <code>${entity.eventTime}</code>`,
      ],
      ['label', html`<code>${label.sql}</code> of ${label.table}`],
      ['owner', owner === '' ? 'not named in the definition' : owner],
      ['owners of its features', featureOwners.join(', ')],
      ['made', instant(createdAt)],
    ])}
    <nav aria-label="Sections">
      <ul>
        ${there.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
      </ul>
    </nav>
  </header>`;
}

function taskWords(task: Task, classes: readonly string[] = []): string {
  if (task === 'binary') return 'binary classification';
  return task === 'regression' ? 'regression: a number' : `classification: one of ${classes.join(', ')}`;
}

function dataSection(document: CardDocument): Html {
  const { data } = document;
  const labels = labelColumns(document);
  return html`<section aria-labelledby="data">
    <h2 id="data">Data</h2>
    <p>
      Days of training, holdout and truth set are disjoint; each row sees only what was available at its own instant.
    </p>
    ${table(
      'Rows by use',
      ['use', 'from', 'to', '#days', '#rows', ...labels.names],
      data.rows.map(({ use, from, to, days, rows, ...found }): Part[] => [
        ...[use, from, to, count(days), rows === null ? null : count(rows)],
        ...labels.of(found),
      ]),
      'The snapshot is not recorded any more.',
    )}
    ${facts([
      ['tables', data.tables.join(', ')],
      ['snapshot', html`<code>${data.snapshot}</code>`],
    ])}
  </section>`;
}

function featuresSection({ features }: CardDocument): Html {
  return html`<section aria-labelledby="features">
    <h2 id="features">Features</h2>
    ${table(
      counted(features.length, 'feature'),
      ['feature', 'kind', 'view', 'owner', '#importance', '#mean |Shapley|'],
      features.map(({ name, kind, view, owner, importance, meanAbsShap }): Part[] => [
        ...[name, kind, view, owner, number(importance?.mean), number(meanAbsShap)],
      ]),
    )}
  </section>`;
}

function lineageSection({ lineage }: CardDocument): Html {
  const digest = (text: string): Html => html`<code>${text}</code>`;
  return html`<section aria-labelledby="lineage">
    <h2 id="lineage">Lineage</h2>
    ${facts([
      ['cycle', lineage.cycle],
      ['logical time', lineage.logicalTime],
      ['champion at the time', lineage.parent === null ? 'none' : `version ${lineage.parent}`],
      ['code commit', digest(lineage.codeCommit)],
      ['definition', digest(lineage.definitionDigest)],
      ['ONNX model', digest(lineage.onnx)],
      ["trainer's own model", digest(lineage.native)],
      ['signature', digest(lineage.signature)],
    ])}
  </section>`;
}
