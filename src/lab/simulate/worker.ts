/** A process that carries out tasks, one after another. */
import { carryOut, type Task, type TaskResult } from './tasks.ts';

export interface WorkerAnswer {
  readonly id: number;
  readonly result: TaskResult | null;
  readonly error: string | null;
}

process.env.ORT_DISABLE_TELEMETRY = '1';
process.on('message', ({ id, task }: { readonly id: number; readonly task: Task }) => {
  const answer = (fields: Omit<WorkerAnswer, 'id'>): void => void process.send!({ id, ...fields });
  carryOut(task).then(
    (result) => answer({ result, error: null }),
    (error: unknown) => answer({ result: null, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
