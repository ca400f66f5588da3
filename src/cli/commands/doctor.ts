// `doctor`: what a stack on this machine would find, what is missing, and the remedy for each.
import type { Command } from '../command';
import { table } from '../output';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Say what is found on this machine, what is missing, and the remedy.',
  arguments: [],
  options: {},
  async run(context) {
    const findings = await context.diagnose();
    const missing = findings.filter((finding) => finding.state === 'missing');
    context.output.result({ healthy: missing.length === 0, findings }, () => {
      const list = table(
        ['what', '', 'detail'],
        findings.map((finding) => [finding.what, finding.state, finding.detail]),
      );
      const remedies = findings
        .filter((finding) => finding.remedy !== '')
        .map((finding) => `${finding.what}: ${finding.remedy}`);
      return [list, ...remedies].join('\n');
    });
    // The exit code of "a service is missing".
    if (missing.length > 0) context.setExitCode(5);
  },
};
