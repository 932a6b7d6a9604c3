/** What a policy of the direct harness sees of a candidate: what the product's selectors do. */
import { featureExtractor } from '../../engine/learn/features/features.ts';
import type { Offerable } from '../../engine/learn/features/offerable.ts';
import {
  fitProjection,
  projected,
  projectedBlocks,
  selectorProjection,
} from '../../engine/learn/features/projection.ts';
import type { Block } from '../../engine/learn/reward/bayesianLinear.ts';
import type { Candidate, Place, World } from './world.ts';

/** Places whose candidates, unrated, the projection is fitted on. */
const surveyed = 150;

const { featuresOf, blocks } = featureExtractor();

export type Features = (place: Place, candidate: Candidate) => Float64Array;

/** Of what `Features` gives. */
export const featureBlocks: readonly Block[] = projectedBlocks(blocks, { shape: [0, selectorProjection.kept] });

/** An edit that was asked for, without a past: policies of the direct harness have none that all of them share. */
export function offerableEdit(edit: {
  readonly file: string;
  readonly language: string;
  readonly before: string;
  readonly after: string;
  readonly instruction: string;
}): Offerable {
  const { file, language, before, after, instruction } = edit;
  return {
    id: null,
    at: 0,
    kind: 'edit',
    file,
    languageId: language,
    line: 0,
    prefix: '',
    before,
    suffix: '',
    instruction,
    text: after,
    model: 'openai:simulated',
    probability: null,
    rival: 0,
    similarity: null,
  };
}

function createFeatures(world: World): Features {
  const whole = (place: Place, { text }: Candidate): Float64Array =>
    featuresOf(offerableEdit({ ...place, after: text }), []);
  const survey = Array.from({ length: Math.min(surveyed, world.places) }, (_, index) =>
    world.pool(index).map((candidate) => whole(world.place(index), candidate)),
  );
  const projection = fitProjection(survey, blocks, selectorProjection);
  // The same candidates come back for every developer and policy.
  const known = new WeakMap<Candidate, Float64Array>();
  return (place, candidate) => {
    const features = known.get(candidate) ?? projected(projection, whole(place, candidate));
    known.set(candidate, features);
    return features;
  };
}

let shared: { readonly world: World; readonly features: Features } | undefined;
/** Those of one world are found once. */
export function featuresIn(world: World): Features {
  if (shared?.world !== world) shared = { world, features: createFeatures(world) };
  return shared.features;
}
