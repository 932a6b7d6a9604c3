/** Learning of one workspace: what is trained, what of it serves, and whether it helps. */
import type { ClientRequests, Failure, Params, Result } from '../../protocol/rpc.ts';
import type { TrainingState } from '../../protocol/training.ts';
import { nothingServed, type Served } from './serving/served.ts';

/** Rejections are bugs: expected failures are values. */
export interface Learner {
  /** What has a say in the next decision. */
  readonly served: Served;
  state(): Promise<TrainingState>;
  train(params: Params<ClientRequests, 'train'>, signal: AbortSignal): Promise<Result<ClientRequests, 'train'>>;
  run(id: string): Promise<Result<ClientRequests, 'trainingRun'>>;
  decide(params: Params<ClientRequests, 'decideVersion'>): Promise<Result<ClientRequests, 'decideVersion'>>;
  rollBack(params: Params<ClientRequests, 'rollBack'>): Promise<Result<ClientRequests, 'rollBack'>>;
  discard(): Promise<Result<ClientRequests, 'discardTraining'>>;
  /** Resolves when what serves has learnt from everything that is known. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const notYet: Failure = { reason: 'unavailable', message: 'Nothing can be trained yet.', nextStep: '' };

export function createLearner(): Learner {
  const refused = async () => ({ ok: false, failure: notYet }) as const;
  return {
    served: nothingServed,
    state: async () => {
      throw new Error(notYet.message);
    },
    train: refused,
    run: refused,
    decide: refused,
    rollBack: refused,
    discard: refused,
    idle: async () => {},
    close: async () => {},
  };
}
