// The Python package's own tests, with the environment that the set-up made: conversions, weights, own functions, processes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PYTHON, PYTHON_FOLDER } from '../../setup/python-worker';

const run = promisify(execFile);

it('passes its own tests', async () => {
  const { stderr } = await run(PYTHON, ['-m', 'unittest', 'discover', 'tests'], {
    cwd: PYTHON_FOLDER,
    env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', PYTHONDONTWRITEBYTECODE: '1' },
  });
  // unittest ends with 0 also when it finds no test.
  expect(stderr).toMatch(/Ran \d{2,} tests/);
  expect(stderr).toMatch(/\nOK\n$/);
});
