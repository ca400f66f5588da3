// Reads the command line: finds the command, parses its options with node:util, and writes the help texts.
import { parseArgs } from 'node:util';
import { isDay } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { CliContext, Command, CommandInput } from './command';

/** Options that every command has. */
const COMMON = { help: { type: 'boolean' }, json: { type: 'boolean' } } as const;

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly input: CommandInput; readonly json: boolean };

/** Reads `args` (without node and script). Fails with USAGE, naming what is wrong. */
export function readArguments(commands: readonly Command[], args: readonly string[]): Request {
  const [name, ...raw] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return { kind: 'help', text: raw[0] ? helpOf(find(commands, raw[0])) : overview(commands) };
  }
  const command = find(commands, name);
  if (command.passThrough) {
    if (raw.includes('--help')) return { kind: 'help', text: helpOf(command) };
    const args = raw[0] === '--' ? raw.slice(1) : raw;
    return { kind: 'run', command, input: { arguments: {}, options: {}, raw: args }, json: raw.includes('--json') };
  }
  const { values, positionals } = parse(command, raw);
  if (values['help'] === true) return { kind: 'help', text: helpOf(command) };
  return {
    kind: 'run',
    command,
    input: { arguments: positional(command, positionals), options: withRequired(command, values), raw },
    json: values['json'] === true,
  };
}

function find(commands: readonly Command[], name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  const near = nearest(
    name,
    commands.map((each) => each.name),
  );
  throw usage(
    `There is no command "${name}".${near ? ` Did you mean "${near}"?` : ' Run npx understudy --help for all.'}`,
  );
}

function parse(
  command: Command,
  raw: readonly string[],
): { values: Record<string, string | boolean>; positionals: string[] } {
  const specs = Object.entries(command.options).map(
    ([option, { type, multiple = false }]) => [option, { type, multiple }] as const,
  );
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {
    ...Object.fromEntries(specs),
    ...COMMON,
  };
  try {
    const parsed = parseArgs({ args: [...raw], options, allowPositionals: true, strict: true });
    const values = Object.entries(parsed.values).map(
      ([option, value]) => [option, Array.isArray(value) ? value.join(',') : value] as const,
    );
    return {
      values: Object.fromEntries(values) as Record<string, string | boolean>,
      positionals: parsed.positionals,
    };
  } catch (error) {
    // Node's message names the option; what it suggests (`--` in front) is no help for a misspelt one.
    const message = (error as Error).message.split('. ')[0] ?? 'the options cannot be read';
    const unknown = /'--([^']+)'/.exec(message)?.[1]?.split(' ')[0];
    const near = unknown && !(unknown in options) ? nearest(unknown, Object.keys(options)) : null;
    throw usage(`${command.name}: ${message}.${near ? ` Did you mean --${near}?` : ''}`);
  }
}

function positional(command: Command, all: readonly string[]): Record<string, string> {
  const last = command.arguments.length - 1;
  const takesRest = command.arguments[last]?.endsWith('...') === true && all.length > last;
  const given = takesRest ? [...all.slice(0, last), all.slice(last).join(' ')] : all;
  const surplus = given[command.arguments.length];
  if (surplus !== undefined)
    throw usage(`${command.name}: "${surplus}" is one argument too many; expected: ${signature(command)}`);
  const found: Record<string, string> = {};
  for (const [index, spec] of command.arguments.entries()) {
    const value = given[index];
    if (value !== undefined) found[spec.replace(/\?|\.\.\.$/, '')] = value;
    else if (!spec.endsWith('?')) throw usage(`${command.name}: <${spec}> is missing; expected: ${signature(command)}`);
  }
  return found;
}

function withRequired(command: Command, values: Record<string, string | boolean>): Record<string, string | boolean> {
  for (const [option, spec] of Object.entries(command.options)) {
    const value = values[option];
    if (spec.required && value === undefined) {
      throw usage(`${command.name}: --${option} ${spec.value ?? ''} is missing (${spec.help})`.replace('  ', ' '));
    }
    if (value === '') throw usage(`${command.name}: --${option} is empty`);
  }
  return values;
}

function signature(command: Command): string {
  const places = command.arguments.map((spec) => (spec.endsWith('?') ? `[${spec.slice(0, -1)}]` : `<${spec}>`));
  const required = Object.entries(command.options).filter(([, spec]) => spec.required);
  return [
    'understudy',
    command.name,
    ...places,
    ...required.map(([option, spec]) => `--${option} ${spec.value ?? ''}`.trim()),
  ].join(' ');
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return ['Usage: npx understudy <command> [options]', '', ...lines, '', 'Every command takes --help and --json.'].join(
    '\n',
  );
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(([option, spec]): [string, string] => [
    `--${option}${spec.type === 'string' ? ` ${spec.value ?? 'TEXT'}` : ''}`,
    `${spec.help}${spec.required ? ' (required)' : ''}`,
  ]);
  if (!command.passThrough) options.push(['--json', 'print one JSON document on stdout']);
  options.push(['--help', 'print this']);
  const width = Math.max(...options.map(([left]) => left.length));
  const examples = (command.examples ?? []).map((line) => `  npx understudy ${line}`);
  return [
    `Usage: npx ${signature(command)} [options]`,
    '',
    command.summary,
    '',
    ...options.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(examples.length > 0 ? ['', 'Examples:', ...examples] : []),
  ].join('\n');
}

/** The known word that differs from `word` by the fewest letters; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known.map((each) => ({ each, far: distance(word, each) })).sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.max(1, Math.floor(word.length / 2)) ? best.each : null;
}

/** Letters to insert, delete or replace to get from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(row[j]! + (letter === other ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** A mistake on the command line. */
export function usage(message: string): UnderstudyError {
  return new UnderstudyError('USAGE', message);
}

/** The value of an option of type string; undefined: not given. */
export function text(input: CommandInput, option: string): string | undefined {
  const value = input.options[option];
  return typeof value === 'string' ? value : undefined;
}

/** The value of a required option or argument. */
export function required(input: CommandInput, name: string): string {
  const value = input.arguments[name] ?? text(input, name);
  if (value === undefined) throw usage(`${name} is missing`);
  return value;
}

/** What a command with several actions is to do. Fails with USAGE. */
export function actionOf<T extends string>(input: CommandInput, command: string, actions: readonly T[]): T {
  const found = required(input, 'action');
  const action = actions.find((known) => known === found);
  if (action === undefined) throw usage(`${command}: found "${found}", allowed is ${actions.join(', ')}`);
  return action;
}

/** A calendar day out of an option. Fails with USAGE. */
export function day(input: CommandInput, option: string): string | undefined {
  const value = text(input, option);
  if (value !== undefined && !isDay(value))
    throw usage(`--${option}: found "${value}", allowed is a day written YYYY-MM-DD`);
  return value;
}

/** A whole number from 0 out of an option. Fails with USAGE. */
export function count(input: CommandInput, option: string): number | undefined {
  const value = text(input, option);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw usage(`--${option}: found "${value}", allowed is a whole number from 0`);
  return Number(value);
}

/** Who sends a message: --by, else the user of this machine. Fails with USAGE when neither is known. */
export function sender(context: CliContext, input: CommandInput): string {
  const by = text(input, 'by') ?? context.user;
  if (!by) throw usage('--by NAME is missing, and the environment does not say who you are (USER)');
  return by;
}
