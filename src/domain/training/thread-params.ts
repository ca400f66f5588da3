// The parameters of the trainers `logistic` and `linear`, and what each may be: asked by the check of a definition and by the trainers themselves.

interface Rule {
  readonly allowed: string;
  readonly holds: (value: number) => boolean;
}

const L2: Rule = { allowed: 'a number above 0', holds: (value) => value > 0 && Number.isFinite(value) };

const RULES: Readonly<Record<'logistic' | 'linear', Readonly<Record<string, Rule>>>> = {
  logistic: {
    l2: L2,
    maxIterations: {
      allowed: 'a whole number from 1 to 1000',
      holds: (value) => Number.isInteger(value) && value >= 1 && value <= 1000,
    },
    tolerance: { allowed: 'a number above 0 and below 1', holds: (value) => value > 0 && value < 1 },
  },
  linear: { l2: L2 },
};

/** One parameter that is wrong. */
export interface ParameterProblem {
  readonly name: string;
  readonly found: string;
  readonly allowed: string;
}

/** Parameters that the trainer does not have, or that it does not take so. */
export function threadParameterProblems(
  trainer: 'logistic' | 'linear',
  params: Readonly<Record<string, unknown>>,
): ParameterProblem[] {
  const rules = RULES[trainer];
  return Object.entries(params).flatMap(([name, value]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const known = Object.keys(rules);
    if (!rule) {
      const allowed = `a parameter of the trainer "${trainer}": ${known.join(', ')}`;
      return [{ name, found: 'a field of this name', allowed }];
    }
    if (typeof value === 'number' && rule.holds(value)) return [];
    return [{ name, found: JSON.stringify(value), allowed: rule.allowed }];
  });
}
