// Bundles the workflows as the build does, and prints which files and packages are in the bundle. A program of its own: the bundler does not
// run in jest's sandbox.
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'src', 'workflows');
const { code } = await bundleWorkflowCode({
  workflowsPath: join(folder, 'index.ts'),
  payloadConverterPath: join(folder, 'payload-converter.ts'),
  logger: new DefaultLogger('ERROR'),
});
const marker = 'base64,';
const map = JSON.parse(Buffer.from(code.slice(code.lastIndexOf(marker) + marker.length), 'base64').toString('utf8'));
const paths = map.sources.filter((source) => source.startsWith('/')).map((source) => relative(root, source));
const packages = paths.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
process.stdout.write(
  JSON.stringify({
    files: paths.filter((path) => !path.includes('node_modules')).sort(),
    packages: [...new Set(packages)].sort(),
    megabytes: code.length / 1e6,
  }),
);
