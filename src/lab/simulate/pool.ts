import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KeptResults } from './keptResults.ts';
import { carryOut, type Task, type TaskResult } from './tasks.ts';
import type { WorkerAnswer } from './worker.ts';
import type { World } from './world.ts';

export interface PoolOptions {
  /** Processes at a time; 0: here, one after another. */
  readonly workers: number;
  /** For `workers: 0`; the installed packages' unless given. */
  readonly world?: World;
  /** What is in there is not done again, what is done is added. */
  readonly kept?: KeptResults;
  /** A task has ended; `done` of them have. */
  readonly onDone?: (task: Task, ms: number, done: number) => void;
}

/** Carries out all tasks; results are in their order, whichever ends first. Rejects with the first failure. */
export async function carryOutAll(tasks: readonly Task[], options: PoolOptions): Promise<TaskResult[]> {
  const { workers, world, kept, onDone = () => {} } = options;
  const results = tasks.map((task) => kept?.get(task)) as TaskResult[];
  const left = tasks.flatMap((_, id) => (results[id] ? [] : [id]));
  let done = tasks.length - left.length;
  const work = async (carry: (task: Task, id: number) => Promise<TaskResult>): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const [task, started] = [tasks[id]!, performance.now()];
      const result = await carry(task, id);
      results[id] = result;
      done += 1;
      await kept?.add(task, result);
      onDone(task, performance.now() - started, done);
    }
  };
  if (workers === 0) {
    await work((task) => carryOut(task, world));
    return results;
  }
  const children = Array.from({ length: Math.min(workers, left.length) }, start);
  try {
    await Promise.all(children.map((child) => work((task, id) => inProcess(child, task, id))));
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
  return results;
}

const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
const start = (): ChildProcess =>
  fork(entry, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });

function inProcess(child: ChildProcess, task: Task, id: number): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`A worker ended (${code}) during ${JSON.stringify(task)}.`));
    child.once('exit', ended);
    child.once('message', (answer: WorkerAnswer) => {
      child.off('exit', ended);
      if (answer.result === null) reject(new Error(answer.error ?? 'A worker failed.'));
      else resolve(answer.result);
    });
    child.send({ id, task });
  });
}
