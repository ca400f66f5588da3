// Lint: type-aware promise rules (async validators and floating promises break workflows) and the import rule of ARCHITECTURE.md.
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Each folder of src and the folders of src that it may import; everything else is refused. */
const MAY_IMPORT = {
  domain: [],
  ports: ['domain'],
  workflows: ['domain', 'ports'],
  statistics: ['domain'],
  data: ['domain'],
  scoring: ['domain'],
  training: ['domain', 'scoring'],
  definition: ['domain'],
  activities: ['domain', 'ports', 'definition', 'data', 'statistics', 'scoring', 'training'],
  stores: ['domain', 'ports'],
  client: ['domain', 'ports', 'workflows/messages.ts'],
  serving: ['domain', 'ports', 'scoring', 'workflows/messages.ts'],
  dashboard: ['domain', 'ports', 'workflows/messages.ts'],
  cli: ['domain', 'ports', 'client', 'definition', 'workflows/messages.ts'],
  embedded: ['domain', 'config.ts'],
};
const FOLDERS = [...Object.keys(MAY_IMPORT), 'workers'];
const zones = Object.entries(MAY_IMPORT).flatMap(([folder, allowed]) => [
  {
    target: `./src/${folder}/!(*main).ts`,
    from: './src',
    except: [folder, ...allowed].map((name) => `./${name}`),
    message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')} (see ARCHITECTURE.md).`,
  },
]);

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
    rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' }] },
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', 'zod', 'pg', '@temporalio/activity', '@temporalio/client', '@temporalio/worker'] }],
    },
  },
  { files: ['test/**/*.ts'], plugins: { jest }, rules: { 'jest/no-focused-tests': 'error', 'jest/no-identical-title': 'error', 'jest/no-disabled-tests': 'error' } },
  prettier,
);
