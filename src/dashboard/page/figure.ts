// The frame of every plot: a figure with its title, a drawing that tells its title and its words to those who do not see it, and the words below.
import { html, type Html, type Part } from './html';

/** What a frame is made of. */
export interface Figure {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What the plot shows, for those who do not see it. */
  readonly words: string;
  /** Of the drawing, in its own units. */
  readonly width: number;
  readonly height: number;
  /** The drawing: pieces of SVG. */
  readonly body: Part;
}

/** The figure as a piece of a page. */
export function figure({ id, title, words, width, height, body }: Figure): Html {
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
      <title id="${id}-t">${title}</title>
      <desc id="${id}-d">${words}</desc>
      ${body}
    </svg>
    <p class="small">${words}</p>
  </figure>`;
}

/** A place in a drawing, to a tenth of its unit. */
export function place(value: number): number {
  return Math.round(value * 10) / 10;
}
