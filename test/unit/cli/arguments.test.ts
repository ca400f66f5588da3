import { COMMANDS } from '../../../src/cli/all-commands';
import { nearest, readArguments, type Request } from '../../../src/cli/arguments';
import { createOutput, failureText, table } from '../../../src/cli/output';
import { FAILURES, UnderstudyError } from '../../../src/domain/failures';

const read = (...args: string[]): Request => readArguments(COMMANDS, args);

describe('the command line', () => {
  it('lists every command when nothing is asked', () => {
    const request = read();
    for (const { name, summary } of COMMANDS)
      expect(request).toMatchObject({ text: expect.stringMatching(`${name} +${summary}`) as string });
  });

  it.each(COMMANDS.map(({ name }) => name))('has a help text for %s with its options', (name) => {
    const request = read(name, '--help');
    expect(request).toMatchObject({
      kind: 'help',
      text: expect.stringContaining(`Usage: npx understudy ${name}`) as string,
    });
  });

  it('suggests the nearest command and the nearest option', () => {
    expect(() => read('statsu')).toThrow('There is no command "statsu". Did you mean "status"?');
    expect(() => read('retrain', 'm', '--raeson', 'x')).toThrow('Did you mean --reason?');
    expect(() => read('xyzzy-plugh')).toThrow('Run npx understudy --help for all.');
  });

  it('names a missing argument, a missing option, and one too many', () => {
    expect(() => read('promote')).toThrow('promote: <model> is missing');
    expect(() => read('promote', 'm', '--version', '1')).toThrow('promote: --reason TEXT is missing');
    expect(() => read('pause', 'm', 'n')).toThrow('pause: "n" is one argument too many');
    expect(() => read('retrain', 'm', '--reason', '')).toThrow('retrain: --reason is empty');
  });

  it('takes one or more arguments at the end of a command that compares, and an option that may be given again', () => {
    expect(read('compare', 'm@1', 'm@2', 'm@3')).toMatchObject({
      input: { arguments: { 'model@version': 'm@1', others: 'm@2 m@3' } },
    });
    expect(() => read('compare', 'm@1')).toThrow('compare: <others...> is missing');
    expect(read('evaluate', 'm@1', '--gate', 'roc_auc=0.6', '--gate', 'brier=0.2')).toMatchObject({
      input: { options: { gate: 'roc_auc=0.6,brier=0.2' } },
    });
  });

  it('reads arguments, options and --json in any order', () => {
    expect(read('backfill', '--json', '--from', '2013-01-01', 'm', '--to=2013-01-31', '--wait')).toMatchObject({
      kind: 'run',
      json: true,
      input: { arguments: { model: 'm' }, options: { from: '2013-01-01', to: '2013-01-31', wait: true } },
    });
  });

  it('hands everything after `demo` on as it was typed', () => {
    expect(read('demo', '--report', 'r.json', '--days', '3')).toMatchObject({
      input: { raw: ['--report', 'r.json', '--days', '3'] },
    });
    expect(read('demo', '--', '--keep')).toMatchObject({ input: { raw: ['--keep'] } });
  });

  it('finds no near word for one that is unlike all', () => {
    expect(nearest('abc', ['status', 'deploy'])).toBeNull();
  });
});

describe('what the CLI prints', () => {
  const capture = (json: boolean) => {
    const written = { stdout: '', stderr: '' };
    const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
    return { written, output: createOutput({ stdout: stream('stdout'), stderr: stream('stderr') }, json) };
  };

  it('is one JSON document on stdout with --json, and progress on stderr', () => {
    const { written, output } = capture(true);
    output.say('for people');
    output.progress('working');
    output.result({ a: 1 }, () => 'text');
    expect(JSON.parse(written.stdout)).toEqual({ a: 1 });
    expect(written.stderr).toBe('working\n');
  });

  it('is text for people without it', () => {
    const { written, output } = capture(false);
    output.say('first');
    output.result({ a: 1 }, () => table(['n'], [[null]]));
    expect(written.stdout).toMatch(/^first\n[^]*–/);
  });

  it('names code, sentence and remedy of a failure, takes its exit code from the table, and shows no stack', () => {
    const { text, exit } = failureText(new UnderstudyError('NO_PREVIOUS', 'nothing before version 1'));
    expect(text).toBe(`understudy: NO_PREVIOUS: nothing before version 1\n${FAILURES.NO_PREVIOUS.remedy}\n`);
    expect(exit).toBe(4);
    expect(failureText(new TypeError('odd')).text).toMatch(/^understudy: INTERNAL: odd\n/);
  });
});
