// Lint: type-aware promise rules (async validators and floating promises break workflows) and the import rule of ARCHITECTURE.md.
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The import rule: for each folder of src the folders of src and the packages that it may import; everything else is refused.
 * `node:` stands for all of Node's own modules. Files named main.ts are composition roots: they import what they like, and nobody imports them.
 */
export const IMPORT_RULE = {
  domain: { folders: [], packages: ['zod'] },
  ports: { folders: ['domain'], packages: [] },
  workflows: { folders: ['domain', 'ports'], packages: ['@temporalio/workflow', '@temporalio/common'] },
  statistics: { folders: ['domain'], packages: [] },
  data: {
    folders: ['domain', 'statistics'],
    packages: ['node:', '@duckdb/node-api', '@aws-sdk/client-s3', 'fzstd', 'pg'],
  },
  scoring: { folders: ['domain'], packages: ['node:', '@duckdb/node-api', 'onnxruntime-node'] },
  training: { folders: ['domain', 'scoring'], packages: ['node:', '@duckdb/node-api', 'ml-matrix', 'protobufjs'] },
  definition: { folders: ['domain'], packages: ['node:', 'zod', 'ms', 'understudy'] },
  activities: {
    folders: ['domain', 'ports', 'definition', 'data', 'statistics', 'scoring', 'training'],
    packages: ['node:', '@temporalio/activity', '@temporalio/common'],
  },
  stores: { folders: ['domain', 'ports'], packages: ['node:', 'zod', 'pg', '@aws-sdk/client-s3'] },
  client: {
    folders: ['domain', 'ports', 'workflows/messages.ts'],
    packages: ['node:', '@temporalio/client', '@temporalio/common'],
  },
  serving: { folders: ['domain', 'ports', 'scoring', 'workflows/messages.ts'], packages: ['node:', 'zod', 'fastify'] },
  dashboard: { folders: ['domain', 'ports', 'workflows/messages.ts'], packages: ['node:', 'zod', 'fastify', 'ms'] },
  cli: {
    folders: ['domain', 'ports', 'client', 'dashboard', 'definition', 'workflows/messages.ts'],
    packages: ['node:', 'zod', 'cli-table3', 'listr2'],
  },
  embedded: { folders: ['domain', 'config.ts'], packages: ['node:', 'zod', 'pg', '@temporalio/client'] },
};
const zones = [
  ...Object.entries(IMPORT_RULE).map(([folder, { folders }]) => ({
    // `**` also matches the folder itself: files of subfolders are held to the same rule.
    target: `./src/${folder}/**/!(main).ts`,
    from: './src',
    except: [folder, ...folders].map((name) => `./${name}`),
    message: `src/${folder} may import only: ${[folder, ...folders].join(', ')} (see ARCHITECTURE.md).`,
  })),
  {
    target: './src/index.ts',
    from: './src',
    except: ['./definition', './domain', './training/author.ts'],
    message: 'The public entry exports what authors need, no more.',
  },
  {
    target: './src/config.ts',
    from: './src',
    except: ['./domain/failures.ts'],
    message: 'The configuration depends on nothing but failures.',
  },
  { target: './src', from: './src/**/main.ts', message: 'main.ts files are composition roots: nobody imports them.' },
  {
    target: './models',
    from: './src',
    message: "A definition imports the package's public entry only: from 'understudy'.",
  },
];

/** A module name that is neither relative nor one of `packages`. */
function packagesBut(packages) {
  const allowed = packages.map((name) => (name.endsWith(':') ? name : `${name}(/|$)`));
  return `^(?!\\.{1,2}(/|$)${allowed.map((name) => `|${name}`).join('')})`;
}
const packageRules = Object.entries(IMPORT_RULE).map(([folder, { packages }]) => ({
  files: [`src/${folder}/**/*.ts`],
  ignores: ['src/**/main.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: packagesBut(packages),
            message: `src/${folder} may import only these packages: ${packages.join(', ') || 'none'} (see ARCHITECTURE.md).`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.understudy*/**', 'coverage/**', '**/*.mjs', '**/*.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', 'src/embedded/**', 'src/**/main.ts', 'src/cli/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },
  ...packageRules,
  {
    files: ['test/**/*.ts'],
    plugins: { jest },
    rules: { 'jest/no-focused-tests': 'error', 'jest/no-identical-title': 'error', 'jest/no-disabled-tests': 'error' },
  },
  prettier,
);
