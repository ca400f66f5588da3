// The sections of a card about how the version was trained: by what, with which parameters, and how those were found.
import type { Params } from '../../domain/training/tuning';
import { details, facts, html, table, type Html, type Part } from '../page/html';
import { count, number } from '../page/numbers';
import { stoppingText } from '../study/how-trained';
import { studyContent } from '../study/study-section';
import type { CardDocument } from './document';

/** Trainer, rows, early stopping, parameters, libraries. */
export function trainingSection({ training, search, explanation }: CardDocument): Html {
  const { trainer, seed, threads, libraries, rows, iterations, seconds, peakMemoryMiB, modelBytes } = training;
  const { declared, found, earlyStopping } = training;
  const searched = found ?? {};
  return html`<section aria-labelledby="training">
    <h2 id="training">Training</h2>
    ${facts([
      ['trainer', trainer],
      ['rows', count(rows)],
      ['early stopping', earlyStopping ? stoppingText(earlyStopping) : 'none'],
      ['iterations', count(iterations)],
      ['seconds', number(seconds)],
      ['memory at most', `${count(peakMemoryMiB)} MiB`],
      ['seed', String(seed)],
      ['threads', count(threads)],
      ['ONNX model', `${count(modelBytes / 1024)} KB`],
    ])}
    ${table(
      'Parameters of the definition',
      ['parameter', 'value'],
      pairs(Object.fromEntries(Object.entries(declared).filter(([name]) => !Object.hasOwn(searched, name)))),
      found ? 'Every parameter was searched for.' : 'The definition names no parameter.',
    )}
    ${
      found &&
      search &&
      table(
        `Parameters found by study ${search.study}, trial ${String(search.trial)}`,
        ['parameter', 'value', 'in the definition'],
        Object.entries(found).map(([name, value]): Part[] => [
          name,
          code(value),
          declared[name] === undefined ? null : code(declared[name]),
        ]),
      )
    }
    ${explanation && details('Parameters as used', table('As used', ['parameter', 'value'], pairs(explanation.parameters)))}
    ${table('Libraries', ['library', 'version'], pairs(libraries))}
  </section>`;
}

/** The search for parameters with its plots; nothing for a version without one. */
export function searchSection({ search }: CardDocument): Html {
  if (!search) return html``;
  const { study, trial, found } = search;
  const won =
    trial === null
      ? 'The search ended before any trial was complete: the parameters are those of the definition.'
      : `The parameters are those of trial ${trial} of study ${study}, tried on folds forward in time of the training days alone.`;
  return html`<section aria-labelledby="search">
    <h2 id="search">How its parameters were found</h2>
    <p>${won}</p>
    ${found ? studyContent('search-plot', found) : html`<p class="none">The study is not recorded any more.</p>`}
  </section>`;
}

function pairs(values: Readonly<Record<string, Params[string]>>): Part[][] {
  return Object.entries(values).map(([name, value]) => [name, code(value)]);
}

function code(value: Params[string]): Html {
  return html`<code>${String(value)}</code>`;
}
