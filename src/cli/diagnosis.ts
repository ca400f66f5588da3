// What `doctor` looks at: Node, Python, the definitions, and whether the services of the stack answer.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readServing, servingProblem, type ServedState } from '../client/serving-readiness';
import { listDefinitions, loadDefinition } from '../definition/catalog';
import { FAILURES } from '../domain/failures';
import type { Finding } from './command';

const run = promisify(execFile);
const START = 'Run: npx understudy start';
const ANSWER_WITHIN_MS = 5_000;

/** What a diagnosis needs to know; each probe resolves with a detail for a person, or throws. */
export interface DiagnosisInput {
  readonly modelsDir: string;
  readonly home: string;
  /** The interpreter to try first. */
  readonly python: string | undefined;
  readonly temporal: () => Promise<string>;
  readonly database: () => Promise<string>;
  /** Absent: nobody has said where serving is. */
  readonly servingUrl: string | undefined;
  /** The artifact store, with what its champions need. */
  readonly artifacts: () => Promise<string>;
  /** The `temporal` command of the embedded stack, or that nothing is obtained yet. */
  readonly temporalCommand: () => Promise<string>;
}

/** Looks at everything, one after the other; never throws. */
export async function diagnose(input: DiagnosisInput): Promise<Finding[]> {
  return [
    await look('Node.js', '', async () => process.version),
    await look('Python', FAILURES.PYTHON_MISSING.remedy, () => python(input.python)),
    await look('definitions', FAILURES.DEFINITION_INVALID.remedy, async () => definitions(input.modelsDir)),
    await look('temporal command', 'Run: npx understudy start', input.temporalCommand),
    await look('Temporal', `${START} (or set TEMPORAL_ADDRESS).`, input.temporal),
    await look('PostgreSQL', `${START} (or set DATABASE_URL).`, input.database),
    await look('artifact store', FAILURES.ARTIFACT_CORRUPT.remedy, input.artifacts),
    ...(await serving(input.servingUrl)),
  ];
}

async function look(what: string, remedy: string, probe: () => Promise<string>): Promise<Finding> {
  try {
    return { what, state: 'found', detail: await probe(), remedy: '' };
  } catch (error) {
    const detail = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    return { what, state: 'missing', detail, remedy };
  }
}

async function python(chosen: string | undefined): Promise<string> {
  const tried = chosen ? [chosen] : ['python3', 'python'];
  for (const name of tried) {
    const version = await pythonVersion(name);
    if (!version) continue;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 3 || (major === 3 && minor >= 10)) return `${version} (${name})`;
  }
  throw new Error(`no Python 3.10 or newer as ${tried.join(' or ')}`);
}

async function pythonVersion(name: string): Promise<string | null> {
  try {
    const { stdout } = await run(name, ['-c', 'import platform; print(platform.python_version())'], {
      timeout: ANSWER_WITHIN_MS,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}

function definitions(modelsDir: string): string {
  const names = listDefinitions(modelsDir);
  for (const name of names) loadDefinition(modelsDir, name);
  return names.length > 0 ? `${names.join(', ')} in ${modelsDir}` : `none in ${modelsDir}`;
}

/** Whether serving answers, and a finding for each model whose champion is not what answers or of which a version could not be opened. */
async function serving(url: string | undefined): Promise<Finding[]> {
  let models: readonly ServedState[] = [];
  const answers = await look('serving', `${START} (or set SERVING_URL).`, async () => {
    if (!url) throw new Error('no address is known: no stack is running here');
    models = await readServing(url);
    return url;
  });
  const champions = models.flatMap((each): Finding[] => {
    const detail = servingProblem(each);
    const remedy = `Restore the artifact, or run: npx understudy rollback ${each.model} --reason "<why>"`;
    return detail === null ? [] : [{ what: 'champion', state: 'missing', detail, remedy }];
  });
  return [answers, ...champions];
}
