// `contributions`: how the prediction for one entity comes about, feature by feature.
import type {
  BinaryContributions,
  ClassContributions,
  Contributions,
  ValueContributions,
} from '../../domain/evaluation/explanation';
import { count, required } from '../arguments';
import { askedVersion } from '../asked-version';
import type { Command } from '../command';
import { facts, table } from '../output';

const DEFAULT_FEATURES = 15;
/** More columns do not fit beside each other; `--json` has all classes. */
const SHOWN_CLASSES = 5;

export const contributions: Command = {
  name: 'contributions',
  summary: "Show which part each feature has in a version's prediction for one entity.",
  arguments: ['model@version'],
  options: {
    key: { type: 'string', value: 'KEY', required: true, help: "the entity's key" },
    limit: {
      type: 'string',
      value: 'N',
      help: `how many features, the largest parts first (default: ${DEFAULT_FEATURES})`,
    },
  },
  examples: ['contributions flight-delay --key 2013-07-01-UA-1545-EWR', 'contributions flight-delay@7 --key K --json'],
  async run(context, input) {
    const { model, version } = await askedVersion(context, 'contributions', required(input, 'model@version'));
    const found = await (await context.modelReports()).contributions(model, version, required(input, 'key'));
    context.output.result(found, () => contributionsText(found, count(input, 'limit') ?? DEFAULT_FEATURES));
  },
};

/** The report as people read it, with the first `limit` features. */
export function contributionsText(found: Contributions, limit: number): string {
  return found.task === 'multiclass' ? ofClasses(found, limit) : ofOneValue(found, limit);
}

function ofOneValue(found: BinaryContributions | ValueContributions, limit: number): string {
  const [served, name, sum, text] =
    found.task === 'binary'
      ? ([found.probability.toFixed(4), 'log-odds', found.logOdds, fixed] as const)
      : ([significant(found.prediction), 'value', found.prediction, significant] as const);
  const head = facts([
    ['prediction', `${served} ${forWhom(found)}`],
    [name, `${text(sum)} = ${text(found.base)} (the mean) + the parts below`],
    ['method', found.method],
  ]);
  const rows: (string | number | null)[][] = found.features
    .slice(0, limit)
    .map(({ feature, value, contribution }) => [feature, given(value), signed(contribution, text)]);
  const others = found.features.slice(limit);
  // The parts add up to the prediction only with those that are not shown.
  const rest = others.reduce((total, { contribution }) => total + contribution, 0);
  if (others.length > 0) rows.push([`the other ${others.length}`, null, signed(rest, text)]);
  return `${head}\n${table(['feature', 'value', `part of the ${name}`], rows)}`;
}

/** A column for each of the most probable classes, the most probable first. */
function ofClasses(found: ClassContributions, limit: number): string {
  const { classes, features, method } = found;
  const shown = classes
    .map((each, at) => ({ ...each, at }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN_CLASSES);
  const head = facts([
    ['prediction', `${shown[0]!.name} ${forWhom(found)}`],
    ['parts', "of each class's score = the mean + the parts below; the probabilities are the softmax of the scores"],
    ['classes', shown.length < classes.length ? `the ${SHOWN_CLASSES} most probable of ${classes.length}` : 'all'],
    ['method', method],
  ]);
  const rows = [
    ['(probability)', null, ...shown.map(({ probability }) => fixed(probability))],
    ['(score)', null, ...shown.map(({ score }) => fixed(score))],
    ['(the mean)', null, ...shown.map(({ base }) => fixed(base))],
    ...features
      .slice(0, limit)
      .map(({ feature, value, contributions: parts }) => [
        ...[feature, given(value)],
        ...shown.map(({ at }) => signed(parts[at]!, fixed)),
      ]),
  ];
  const others = features.slice(limit);
  const restOf = (at: number): number => others.reduce((total, { contributions: parts }) => total + parts[at]!, 0);
  if (others.length > 0)
    rows.push([`the other ${others.length}`, null, ...shown.map(({ at }) => signed(restOf(at), fixed))]);
  return `${head}\n${table(['feature', 'value', ...shown.map(({ name }) => name)], rows)}`;
}

function forWhom({ key, model, version, contender }: Contributions): string {
  return `for ${key}, by ${model}@${version} (${contender})`;
}

function fixed(value: number): string {
  return value.toFixed(4);
}

/** The model's float32 without the digits that it does not have. */
function given(value: number | string | null): number | string | null {
  return typeof value === 'number' ? Number(value.toPrecision(7)) : value;
}

/** In the label's unit, whatever that is. */
function significant(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function signed(value: number, text: (value: number) => string): string {
  return `${value < 0 ? '' : '+'}${text(value)}`;
}
