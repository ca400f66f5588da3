// Pieces of HTML. Invariant: text that came from anywhere is escaped; only what this tag made goes in as it is.

/** A piece of HTML that is safe to be put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text and numbers are escaped, pieces stay, lists are joined, null and false are nothing. */
export type Part = Html | string | number | null | false | readonly Part[];

/** Escapes text for HTML and for attributes in either kind of quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The tag of all templates; an attribute's value needs quotes round its place. Line breaks of the template itself are kept short. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const short = shortTexts(texts);
  return new Html(short.map((text, index) => (index === 0 ? text : shown(parts[index - 1]!) + text)).join(''));
}

const SHORT_TEXTS = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The template without its indents, which would be a third of the page; worked out once per template. */
function shortTexts(texts: TemplateStringsArray): readonly string[] {
  const known = SHORT_TEXTS.get(texts);
  if (known) return known;
  const short = texts.map((text) => text.replaceAll(/\s*\n\s*/g, '\n'));
  SHORT_TEXTS.set(texts, short);
  return short;
}

function shown(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(shown).join('');
}

/** Name of a table's column; `#` in front: it stands over numbers. */
export type Head = string;

/** A table with its caption; nothing but the sentence `none` when it has no rows. The first cell of a row is its heading. */
export function table(
  caption: string,
  head: readonly Head[],
  rows: readonly (readonly Part[])[],
  none = 'None.',
): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  const numeric = head.map((name) => name.startsWith('#'));
  const heads = head.map((name, index) =>
    numeric[index] ? html`<th scope="col" class="n">${name.slice(1)}</th>` : html`<th scope="col">${name}</th>`,
  );
  const cell = (part: Part, index: number): Html => {
    const content = part === null || part === '' ? '–' : part;
    if (index === 0) return html`<th scope="row">${content}</th>`;
    return numeric[index] ? html`<td class="n">${content}</td>` : html`<td>${content}</td>`;
  };
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Something that is shown on demand, without a script. */
export function details(summary: Part, content: Part): Html {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

/** A list; nothing when it is empty. */
export function list(items: readonly Part[]): Html {
  return items.length === 0
    ? html``
    : html`<ul>
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
}

/** Names and values below each other. */
export function facts(rows: readonly (readonly [name: string, value: Part])[]): Html {
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value === null || value === '' ? '–' : value}</dd>
        </div>`,
    )}
  </dl>`;
}
