// Lints texts as if they stood in given files; prints the import rule and, for each text, the rules that fired. A program of its own, because
// ESLint loads its configuration by dynamic import, which jest's sandbox refuses. Reads `[{file, text}]` as JSON from standard input.
import { readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { IMPORT_RULE } from '../../../eslint.config.mjs';

const RULES = ['import-x/no-restricted-paths', 'no-restricted-imports', 'no-restricted-properties', 'max-lines'];
const planted = JSON.parse(readFileSync(0, 'utf8'));
// Without type information it takes a second instead of half a minute; none of these rules needs any.
const untyped = { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked };
const eslint = new ESLint({ overrideConfig: untyped, ruleFilter: ({ ruleId }) => RULES.includes(ruleId) });
const found = [];
for (const { file, text } of planted) {
  const [result] = await eslint.lintText(text, { filePath: file, warnIgnored: true });
  found.push(result.messages.map(({ ruleId, message }) => ruleId ?? message));
}
process.stdout.write(JSON.stringify({ importRule: IMPORT_RULE, found }));
