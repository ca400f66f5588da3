// A model's task in words, for pages.
import type { Task } from '../domain/evaluation/task';

/** `binary classification`, `classification in 3 classes: a, b, c`, `regression`. */
export function taskWords(task: Task, { classes }: { readonly classes?: readonly string[] | undefined }): string {
  switch (task) {
    case 'binary':
      return 'binary classification';
    case 'multiclass':
      return `classification in ${classes?.length ?? 0} classes: ${classes?.join(', ') ?? ''}`;
    case 'regression':
      return 'regression';
  }
}
