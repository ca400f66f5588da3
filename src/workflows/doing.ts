// What a workflow without messages of its own is doing, told in one sentence in two places: its current details and the query `progress`.
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { doingQuery } from './messages';

/** Answers the query from now on; what it returns changes the sentence. Neither is a command, so histories are the same with and without it. */
export function tellsWhatItDoes(): (doing: string) => void {
  let now = 'starting';
  setHandler(doingQuery, () => ({ doing: now }));
  return (doing) => {
    now = doing;
    setCurrentDetails(doing);
  };
}
