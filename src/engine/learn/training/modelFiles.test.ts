import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { nodeDisk } from '../../../tensor/files/disk.ts';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { systemIds } from '../../clock.ts';
import { foldsOf } from '../evaluation/folds.ts';
import { featureExtractor } from '../features/features.ts';
import { fitProjection } from '../features/projection.ts';
import type { LoadedVersion } from '../registry/registry.ts';
import { version as newVersion } from '../registry/testVersions.ts';
import { readFiles, readManifest, writeVersion } from '../registry/versionFolder.ts';
import { RegistryError } from '../registry/versionManifest.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import { fitLogisticThumbs } from '../reward/logisticThumbs.ts';
import { neuralHead } from '../reward/neuralHead.ts';
import type { RewardModel, Row } from '../reward/rewardModel.ts';
import { linTs } from '../selector/linTs.ts';
import { linUcb } from '../selector/linUcb.ts';
import { logisticFilter } from '../selector/logisticFilter.ts';
import type { Outcome, Selector } from '../selector/selector.ts';
import { decodeRewardModel, type ModelFiles, openSelector, rewardModelFiles, selectorFiles } from './modelFiles.ts';
import { type ModelSpace, modelSpace } from './modelSpace.ts';
import { policySelector, type TrainedSelector } from './selectorFiles.ts';

const extractor = featureExtractor();
const raw = extractor.names.length;
const random = seeded(5);
const vector = (): Float64Array =>
  Float64Array.from({ length: raw }, (_, i) => (i === 0 ? 1 : 0.5 * standardNormal(random)));
const judged = Array.from({ length: 80 }, vector);
const projection = fitProjection(
  judged.map((row) => [row]),
  extractor.blocks,
  { kept: 16, scale: 0.4 },
);
const spaces: Readonly<Record<string, ModelSpace>> = {
  whole: modelSpace(extractor, null),
  projected: modelSpace(extractor, projection),
};
const taste = vector();
const likes = (features: Float64Array): number => features.reduce((sum, value, i) => sum + 0.1 * value * taste[i]!, 0);
const rowsIn = (space: ModelSpace): readonly Row[] =>
  judged.map((features, at) => ({
    features: space.of(features),
    target: Math.min(1, Math.max(0, 0.5 + likes(features) + 0.05 * standardNormal(random))),
    weight: 1,
    source: 'rating',
    group: `file${at % 8}`,
    episodeId: `${at}`,
    at,
  }));

const folder = await mkdtemp(join(tmpdir(), 'attune-model-files-'));
const runtime = startRuntime({ log: { debug() {} } });
after(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

/** Written to the disk and read again, checksums included. */
async function stored(kind: 'rewardModel' | 'selector', { tensors, others }: ModelFiles): Promise<LoadedVersion> {
  const version = newVersion(null, 1, { id: systemIds(), kind, tensors, others });
  const place = join(folder, version.id);
  await writeVersion(nodeDisk, place, version);
  const manifest = await readManifest(place, version.id);
  return { manifest, files: await readFiles(place, manifest) };
}

for (const [name, space] of Object.entries(spaces)) {
  describe(`reward models of ${name} features`, () => {
    const kinds: Readonly<Record<string, (rows: readonly Row[]) => RewardModel | null | Promise<RewardModel | null>>> =
      {
        bayesianLinear: (rows) => fitBayesianLinear(rows, { blocks: space.blocks }),
        logisticThumbs: (rows) => fitLogisticThumbs(rows, space.blocks),
        neuralHead: async (rows) => {
          const groups = rows.map(({ group }) => group);
          const fits = await neuralHead({ runtime, steps: 20 }).fit(rows, foldsOf(groups, 2, random), { random });
          return fits?.final ?? null;
        },
      };
    for (const [kind, fitted] of Object.entries(kinds)) {
      it(`${kind} foretells the same after it was stored, to the last bit`, async () => {
        const model = (await fitted(rowsIn(space)))!;
        const served = decodeRewardModel(await stored('rewardModel', rewardModelFiles(model, space)));
        assert.equal(served.algorithm, kind);
        const estimates = judged.map((features) => model.estimate(space.of(features)));
        assert.ok(new Set(estimates.map(({ mean }) => mean)).size > 40, 'it foretells something');
        assert.deepEqual(
          judged.map((features) => served.estimate(features)),
          estimates,
        );
      });
    }
  });
}

const space = spaces.projected!;
const decisions = Array.from({ length: 44 }, (_, i): Outcome => {
  const candidates = Array.from({ length: 1 + (i % 3) }, vector);
  const action = i % 7 === 0 ? candidates.length : i % candidates.length;
  const features = candidates[action];
  const reward = features ? (likes(features) > 0 ? 0.75 : -0.25) : 0;
  return {
    candidates,
    action,
    reward,
    probabilities: new Array(candidates.length + 1).fill(1 / (candidates.length + 1)),
  };
});
const projected = (outcome: Outcome): Outcome => ({ ...outcome, candidates: outcome.candidates.map(space.of) });

describe('selectors', { timeout: 120_000 }, () => {
  const makes: Readonly<Record<string, () => TrainedSelector>> = {
    linucb: () => ({ algorithm: 'linucb', selector: linUcb() }),
    lints: () => ({ algorithm: 'lints', selector: linTs(seeded(1)) }),
    logistic: () => ({ algorithm: 'logistic', selector: logisticFilter() }),
    ppo: () => ({
      algorithm: 'ppo',
      reference: null,
      selector: policySelector({ random: seeded(1), runtime: () => runtime, blocks: space.blocks, reference: null }),
    }),
  };
  for (const [algorithm, make] of Object.entries(makes)) {
    it(`${algorithm} decides and goes on learning as it would have without being stored, to the last bit`, async () => {
      const trained = make();
      // Draws of the original and of the copy must be at the same place.
      const [first, rest] = [decisions.slice(0, 20), decisions.slice(20)];
      for (const outcome of first) await trained.selector.learn(projected(outcome));
      const version = await stored('selector', selectorFiles(trained, space));
      const original = reseeded(trained);
      const served = openSelector(version, { random: seeded(9), runtime: () => runtime });
      assert.equal(served.algorithm, algorithm);
      const before = decisions.map(({ candidates }) => served.probabilities(candidates));
      assert.deepEqual(
        before,
        decisions.map((outcome) => original.probabilities(projected(outcome))),
      );
      for (const outcome of rest) {
        await served.learn(outcome);
        await original.learn(projected(outcome));
      }
      const later = decisions.map(({ candidates }) => served.probabilities(candidates));
      assert.deepEqual(
        later,
        decisions.map((outcome) => original.probabilities(projected(outcome))),
      );
      assert.notDeepEqual(later, before, 'it went on learning');
      await served.close();
      await original.close?.();
      await trained.selector.close?.();
    });
  }
});

/** The same selector in this process, with the draws of the copy. */
function reseeded(trained: TrainedSelector): Selector {
  switch (trained.algorithm) {
    case 'linucb':
    case 'logistic':
      return trained.selector;
    case 'lints':
      return linTs(seeded(9), { from: trained.selector.state });
    case 'ppo':
      return policySelector({
        random: seeded(9),
        runtime: () => runtime,
        blocks: space.blocks,
        reference: trained.reference,
        from: trained.selector.state!,
      });
  }
}

describe('a selector that never learnt', () => {
  it('is stored and read', async () => {
    for (const trained of [
      { algorithm: 'linucb', selector: linUcb() },
      { algorithm: 'logistic', selector: logisticFilter() },
    ] as const) {
      const served = openSelector(await stored('selector', selectorFiles(trained, space)), {
        random,
        runtime: () => runtime,
      });
      const fresh = trained.selector.probabilities({ candidates: [space.of(judged[0]!)] });
      assert.deepEqual(served.probabilities([judged[0]!]), fresh);
    }
  });
});

const projectionIn = (content: { readonly [key: string]: never }): object =>
  (content.space as unknown as { readonly projection: object }).projection;

describe('what can’t be used', () => {
  const fitted = fitBayesianLinear(rowsIn(space), { blocks: space.blocks });
  const changed = async (change: (content: { [key: string]: never }) => void): Promise<LoadedVersion> => {
    const { manifest, files } = await stored('rewardModel', rewardModelFiles(fitted, space));
    const content = JSON.parse(Buffer.from(files.get('model.json')!).toString());
    change(content);
    return {
      manifest,
      files: new Map([...files, ['model.json', Uint8Array.from(Buffer.from(JSON.stringify(content)))]]),
    };
  };
  const refused: Readonly<Record<string, [RegExp, (content: { [key: string]: never }) => void]>> = {
    'other features': [/other features/, (content) => Object.assign(content.space!, { features: 'features:v0' })],
    'another algorithm': [/no valid “model/, (content) => Object.assign(content.model!, { algorithm: 'forest' })],
    'a newer format': [/newer version/, (content) => Object.assign(content, { version: 2 })],
    'a projection of other features': [/projection/, (content) => Object.assign(projectionIn(content), { from: 3 })],
    'a projection of another shape': [
      /projection\.directions/,
      (content) => Object.assign(projectionIn(content), { kept: 3 }),
    ],
    'another kind': [/another kind|no valid/, (content) => Object.assign(content, { kind: 'selector' })],
  };
  for (const [what, [message, change]] of Object.entries(refused)) {
    it(`is refused: ${what}`, async () => {
      const version = await changed(change);
      assert.throws(
        () => decodeRewardModel(version),
        (error) => error instanceof RegistryError && message.test(error.message),
      );
    });
  }

  it('is refused: numbers that are missing, cut off, or not finite', async () => {
    const good = await stored('rewardModel', rewardModelFiles(fitted, space));
    const tensors = good.files.get('model.safetensors')!;
    const nan = Uint8Array.from(tensors);
    new DataView(nan.buffer).setFloat64(nan.length - 8, Number.NaN, true);
    const without = new Map([...good.files].filter(([name]) => name !== 'model.safetensors'));
    for (const files of [
      without,
      new Map([...good.files, ['model.safetensors', tensors.slice(0, -8)] as const]),
      new Map([...good.files, ['model.safetensors', nan] as const]),
    ]) {
      assert.throws(() => decodeRewardModel({ manifest: good.manifest, files }), RegistryError);
    }
  });

  it('is refused: a selector where a reward model is wanted', async () => {
    const version = await stored('selector', selectorFiles({ algorithm: 'linucb', selector: linUcb() }, space));
    assert.throws(() => decodeRewardModel(version), RegistryError);
  });
});
