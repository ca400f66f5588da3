// The page of one search for parameters: one HTML file, readable without network and without script. Pure.
import type { IsoTimestamp } from '../../domain/days';
import { html } from '../page/html';
import { instant } from '../page/numbers';
import { page } from '../page/shell';
import type { StudyDocument } from './study-document';
import { studyContent } from './study-section';

/** Plots side by side where there is room. */
export const FIGURES_STYLE = `
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 8px 28px; align-items: start; } .figures svg { width: 100%; height: auto; }
`;

/** The whole page. `madeAt`: the machine's time. */
export function studyPage(study: StudyDocument, madeAt: IsoTimestamp): string {
  const { model, contender, logicalTime, snapshot } = study;
  return page({
    title: `Study ${study.study} of ${model}`,
    style: FIGURES_STYLE,
    head: html`<header>
      <p class="kicker">Search for parameters</p>
      <h1>${model}: ${contender}</h1>
      <p class="lead">
        For the logical time ${logicalTime}, on the training days of snapshot ${snapshot.slice(0, 12)}.
      </p>
    </header>`,
    main: html`<section aria-labelledby="study">
      <h2 id="study">Study</h2>
      ${studyContent('plot', study)}
    </section>`,
    footer: html`Made by Understudy on ${instant(madeAt)} from the recorded trials.`,
  });
}
