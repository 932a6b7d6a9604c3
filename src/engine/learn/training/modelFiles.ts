/**
 * Trained models as files of the registry, and as what serves. `model.json` says which features the model was fitted on, how, and
 * what it is; the numbers, and the projection of the features where there is one, are in `model.safetensors`.
 */
import * as v from 'valibot';
import type { Pieces } from '../../../tensor/files/disk.ts';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import { featureExtractor } from '../features/features.ts';
import type { LoadedVersion } from '../registry/registry.ts';
import { RegistryError } from '../registry/versionManifest.ts';
import type { RewardModel } from '../reward/rewardModel.ts';
import type { TrainedPolicy } from '../selector/ppo.ts';
import type { Outcome } from '../selector/selector.ts';
import type { ServedRewardModel, ServedSelector } from '../serving/served.ts';
import { type ModelSpace, readSpace, StoredSpace, spaceTensors } from './modelSpace.ts';
import { encodeRewardModel, readRewardModel, StoredRewardModel } from './rewardModelFiles.ts';
import {
  encodeSelector,
  readPolicy,
  readSelector,
  type SelectorParts,
  StoredSelector,
  type TrainedSelector,
} from './selectorFiles.ts';
import { tensorReader } from './tensorReader.ts';

/** Raise with every change of what is stored, or of what it means. */
export const modelFileVersion = 1;
const modelName = 'model.json';

const common = { version: v.literal(modelFileVersion), space: StoredSpace };
const StoredModel = v.variant('kind', [
  v.object({ ...common, kind: v.literal('rewardModel'), model: StoredRewardModel }),
  v.object({ ...common, kind: v.literal('selector'), model: StoredSelector }),
]);
type StoredModel = v.InferOutput<typeof StoredModel>;

/** What a new version is registered with (`NewVersion`). */
export interface ModelFiles {
  readonly tensors: readonly NamedTensor[];
  readonly others: Readonly<Record<string, Pieces>>;
}

const filesOf = (content: StoredModel, space: ModelSpace, tensors: readonly NamedTensor[]): ModelFiles => ({
  tensors: [...tensors, ...spaceTensors(space)],
  others: { [modelName]: [Buffer.from(`${JSON.stringify(content, null, 1)}\n`)] },
});

/** Throws a TypeError for a kind that is not stored. */
export function rewardModelFiles(model: RewardModel, space: ModelSpace): ModelFiles {
  const { stored, tensors } = encodeRewardModel(model);
  return filesOf(
    { version: modelFileVersion, space: space.stored, kind: 'rewardModel', model: stored },
    space,
    tensors,
  );
}

/** Throws a TypeError for a policy that has not seen a decision. */
export function selectorFiles(trained: TrainedSelector, space: ModelSpace): ModelFiles {
  const { stored, tensors } = encodeSelector(trained, space);
  return filesOf({ version: modelFileVersion, space: space.stored, kind: 'selector', model: stored }, space, tensors);
}

/** A policy that serves, and the space its parameters are of. */
export interface ServingPolicy {
  readonly policy: TrainedPolicy;
  readonly space: ModelSpace;
}

/** What `model.json` of a version says. Throws `RegistryError`. */
function storedModel({ manifest, files }: LoadedVersion): StoredModel {
  const failure = (problem: string): RegistryError => new RegistryError(manifest.id, 'damaged', problem);
  const bytes = files.get(modelName);
  if (bytes === undefined) throw failure(`has no ${modelName}.`);
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw failure(`has a ${modelName} that is not valid JSON.`);
  }
  if (typeof content === 'object' && content !== null && 'version' in content) {
    const { version } = content;
    if (typeof version === 'number' && version > modelFileVersion) {
      throw new RegistryError(manifest.id, 'newer', 'was written by a newer version of Attune.');
    }
  }
  const parsed = v.safeParse(StoredModel, content);
  if (!parsed.success) throw failure(`has no valid “${v.getDotPath(parsed.issues[0]) ?? 'content'}” in ${modelName}.`);
  if (parsed.output.kind !== manifest.kind) throw failure('holds a model of another kind.');
  return parsed.output;
}

function open(version: LoadedVersion) {
  const stored = storedModel(version);
  const tensors = tensorReader(version.manifest.id, version.files);
  return { stored, tensors, space: readSpace(stored.space, featureExtractor(), tensors) };
}

/** A reward model that takes the raw features of `featureExtractor`. Throws `RegistryError`. */
export function decodeRewardModel(version: LoadedVersion): ServedRewardModel {
  const { stored, tensors, space } = open(version);
  if (stored.kind !== 'rewardModel') throw tensors.failure('is no reward model.');
  const model = readRewardModel(stored.model, space, tensors);
  return {
    id: version.manifest.id,
    algorithm: stored.model.algorithm,
    estimate: (features) => model.estimate(space.of(features)),
  };
}

/**
 * A selector that takes the raw features of `featureExtractor` and goes on learning; outcomes are learnt one after the other. Throws
 * `RegistryError`.
 */
export function openSelector(version: LoadedVersion, parts: SelectorParts): ServedSelector {
  const { stored, tensors, space } = open(version);
  if (stored.kind !== 'selector') throw tensors.failure('is no selector.');
  const selector = readSelector(stored.model, space, tensors, parts);
  const seen = (candidates: Outcome['candidates']) => candidates.map((features) => space.of(features));
  let last: Promise<void> | null = null;
  return {
    id: version.manifest.id,
    algorithm: stored.model.algorithm,
    probabilities: (candidates, silence = 0) => selector.probabilities({ candidates: seen(candidates), silence }),
    learn(outcome) {
      const next = { ...outcome, candidates: seen(outcome.candidates) };
      // A refit takes its time; the next outcome waits for it, and what failed is tried again with a later one.
      if (last === null) {
        const learning = selector.learn(next);
        if (!learning) return;
        last = settled(learning);
        return learning;
      }
      const learning = last.then(() => selector.learn(next));
      last = settled(learning);
      return learning;
    },
    async close() {
      await last;
      await selector.close?.();
    },
  };
}

const settled = (work: Promise<void>): Promise<void> => work.catch(() => {});

/** The policy of a version, for a successor to stay near to; null: it holds none, or one of other features. */
export function policyOf(version: LoadedVersion): ServingPolicy | null {
  try {
    const { stored, tensors, space } = open(version);
    if (stored.kind !== 'selector' || stored.model.algorithm !== 'ppo') return null;
    return { space, policy: readPolicy(stored.model.hidden, space, tensors) };
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
}

/** What a version is; null: of other features, or not readable. */
export function algorithmOf(version: LoadedVersion): string | null {
  try {
    return open(version).stored.model.algorithm;
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
}
