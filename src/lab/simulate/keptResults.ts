/** Results of tasks in a file, so that a simulation that was stopped goes on where it was. */
import { appendFile, readFile } from 'node:fs/promises';
import type { Task, TaskResult } from './tasks.ts';

export interface KeptResults {
  /** What the task gave when it was carried out before; undefined: it was not. */
  get(task: Task): TaskResult | undefined;
  add(task: Task, result: TaskResult): Promise<void>;
}

/**
 * Opens or creates a file of one line for each task. A line that was not written to its end is left out. The results are those of the
 * code that wrote them: after a change of anything that decides, begin another file. Rejects when the file can't be read.
 */
export async function keptResults(path: string): Promise<KeptResults> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const known = new Map<string, TaskResult>();
  for (const line of text.split('\n')) {
    const one = parsed(line);
    if (one) known.set(JSON.stringify(one.task), one.result);
  }
  let lead = text === '' || text.endsWith('\n') ? '' : '\n';
  return {
    get: (task) => known.get(JSON.stringify(task)),
    async add(task, result) {
      known.set(JSON.stringify(task), result);
      const line = `${lead}${JSON.stringify({ task, result })}\n`;
      lead = '';
      await appendFile(path, line);
    },
  };
}

function parsed(line: string): { readonly task: Task; readonly result: TaskResult } | null {
  try {
    const { task, result } = JSON.parse(line);
    return task && result ? { task, result } : null;
  } catch {
    return null;
  }
}
