// How tests look at a failure: its code and its sentence.

/** `CODE: message` of what a promise fails with; fails itself when it does not fail. */
export async function failureOf(work: Promise<unknown> | (() => Promise<unknown>)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code ?? 'no code'}: ${message}`;
  }
  throw new Error('this did not fail');
}
