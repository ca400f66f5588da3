// The sections about tables: what a table is, where it comes from, its contract in words, and what is stored of it.
import type { ColumnDocument, DataDocument, TableDocument } from '../document/document';
import { details, facts, html, list, table, type Html, type Part } from './html';
import { count } from './numbers';

/** One article for each table. */
export function tablesSection({ tables }: DataDocument): Html {
  return html`<section aria-labelledby="tables">
    <h2 id="tables">Tables</h2>
    <p>
      Where rows come from, what they must look like, and when they exist. A day of a table is a partition; it is
      checked as a whole and row by row before anything uses it.
    </p>
    ${tables.map(article)}
  </section>`;
}

function article(found: TableDocument): Html {
  const { name, roles, source, availability, columns, rowRules, partitionRules, assumptions, totals } = found;
  const rules = rowRules.map((rule): Part => html`<b>${rule.name}</b>: <code>${rule.sql}</code>`);
  return html`<article aria-labelledby="table-${name}">
    <h3 id="table-${name}">${name} ${roles.map((role) => html`<span class="tag">${role}</span> `)}</h3>
    <p>${source.sentence} ${availability.join(' ')}</p>
    ${source.sql === null ? null : details(source.format === 'postgres' ? 'The query' : 'How the day of a row is found', html`<pre>${source.sql}</pre>`)}
    ${facts([
      ['complete through', found.watermark],
      ['partitions stored', count(totals.partitions)],
      ['rows', count(totals.rows)],
      ['rows set aside', count(totals.quarantinedRows)],
      ['deliveries rejected', count(totals.rejectedDeliveries)],
    ])}
    <h4>Contract</h4>
    ${table(`Columns of ${name}`, ['column', 'type', 'missing values', 'rules', 'made from'], columns.map(columnRow))}
    <p>One row for each ${found.key.join(', ')}.</p>
    ${
      rules.length === 0
        ? null
        : html`<h4>Row rules</h4>
            <p>A row for which a rule is not true is set aside in the quarantine.</p>
            ${list(rules)}`
    }
    <h4>Partition rules</h4>
    <p>A day that breaks one of them is rejected as a whole.</p>
    ${list(partitionRules)}
    ${
      assumptions.length === 0
        ? null
        : html`<h4>Assumptions</h4>
            ${list(assumptions.map(assumption))}`
    }
  </article>`;
}

function columnRow(column: ColumnDocument): Part[] {
  return [
    html`${column.name}${column.key ? html` <span class="tag">key</span>` : null}`,
    column.type,
    column.nullable ? 'allowed' : 'not allowed',
    column.rules.join('; '),
    column.sql === null ? 'the column of the same name' : html`<code>${column.sql}</code>`,
  ];
}

function assumption({ name, description, sentence, sql }: TableDocument['assumptions'][number]): Part {
  return html`<b>${name}</b>:
    ${description === '' ? null : `${description} `}${sentence}${sql === null ? null : details('Its query', html`<pre>${sql}</pre>`)}`;
}
