// The file round the content of every page: readable without network and without script, on its own.
import { Html, html, type Part } from './html';
import { STYLE } from './style';

/** The parts of a page. */
export interface Shell {
  /** Name of the page in the browser. */
  readonly title: string;
  /** CSS besides that of all pages. Default: none. */
  readonly style?: string;
  readonly head: Html;
  readonly main: Part;
  readonly footer: Part;
}

/** The whole file. */
export function page({ title, style = '', head, main, footer }: Shell): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE + style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        ${head}
        <main id="main">${main}</main>
        <footer>${footer}</footer>
      </body>
    </html> `.text;
}
