import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Episode } from '../../protocol/episode.ts';
import { featureExtractor } from '../learn/features/features.ts';
import { offerableOf } from '../learn/features/offerable.ts';
import { fitBayesianLinear } from '../learn/reward/bayesianLinear.ts';
import type { Row } from '../learn/reward/rewardModel.ts';
import { rewardModelId, served, servedRewardModel } from '../learn/serving/testServed.ts';
import { type Bench, bench, never, says } from './testing/bench.ts';
import { bad } from './testing/entries.ts';

const source = 'class A {\n▮  area(r) {\n    return Math.pow(r, 2);\n  }▮\n}\n';
const answers = [
  '  area(r) {\n    return r * r;\n  }',
  '  area(r) {\n    return r ** 2;\n  }',
  '  area(r) {\n    return pow(r);\n  }',
];

/** A model that has learnt from ratings of these very answers which one is liked. */
function liking(liked: string): ReturnType<typeof servedRewardModel> {
  const extractor = featureExtractor();
  const id = '01890000-0000-7000-8000-000000000001';
  const draft: Episode = {
    id,
    at: 0,
    kind: 'edit',
    file: 'src/a.ts',
    languageId: 'typescript',
    range: { startLine: 1, startCharacter: 0, endLine: 3, endCharacter: 3 },
    instruction: 'no Math.pow',
    prefix: 'class A {\n',
    before: '  area(r) {\n    return Math.pow(r, 2);\n  }',
    suffix: '\n}\n',
    candidates: answers.map((text) => ({ id, text, model: 'openai:told' })),
    offered: 0,
    propensity: 1,
    examples: [],
  };
  const rows = Array.from(
    { length: 60 },
    (_, i): Row => ({
      features: extractor.featuresOf(offerableOf(draft, i % 3), []),
      target: answers[i % 3] === liked ? 0.9 : 0.1,
      weight: 1,
      source: 'rating',
      group: `f${i}`,
      episodeId: id,
      at: i,
    }),
  );
  return servedRewardModel(fitBayesianLinear(rows, { blocks: extractor.blocks }));
}

async function start(t: TestContext, liked: string | null): Promise<Bench> {
  const made = await bench({}, liked === null ? {} : { served: served({ rewardModel: liking(liked) }) });
  t.after(() => made.close());
  made.script = (_request, _signal, call) => says(`\`\`\`ts\n${answers[call % 3]}\n\`\`\``);
  return made;
}

async function propose(b: Bench, file: string) {
  const { uri, version, offset } = b.at(file, source);
  const end = source.lastIndexOf('▮') - 1;
  const params = { requestId: 'r', uri, version, start: offset, end, instruction: 'no Math.pow' };
  const result = await b.suggester.proposeEdit(params, () => {}, never());
  assert.ok(result.ok);
  return { result, episode: b.store.get(result.episodeId)!.episode };
}

test('the proposal that the reward model expects most of comes first, but one in twenty times any: each says how likely that was', async (t) => {
  const b = await start(t, answers[2]!);
  const places = 120;
  let liked = 0;
  for (let i = 0; i < places; i += 1) {
    const { result, episode } = await propose(b, `src/f${i}.ts`);
    assert.deepEqual(episode.versions, [rewardModelId]);
    const shares = new Map(episode.candidates.map(({ text, propensity }) => [text, propensity!]));
    assert.ok(Math.abs(shares.get(answers[2]!)! - (0.95 + 0.05 / 3)) < 1e-12);
    assert.ok(Math.abs([...shares.values()].reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
    assert.equal(episode.propensity, episode.candidates[0]!.propensity);
    assert.deepEqual(
      result.candidates.map(({ text }) => text),
      episode.candidates.map(({ text }) => text),
    );
    if (episode.candidates[0]!.text === answers[2]) liked += 1;
    if (i === 0) {
      const [trace] = b.traces.of(episode.id);
      assert.match(trace!.steps.find(({ name }) => name === 'decision')!.note, new RegExp(rewardModelId));
      assert.ok(trace!.candidates.every(({ chance }) => chance !== undefined));
    }
  }
  // 116 of 120 are expected, with a deviation of 2.
  assert.ok(liked >= 108 && liked < places, `${liked} of ${places}`);
});

test('what was turned down here stays behind the others, however much is expected of it', async (t) => {
  const b = await start(t, answers[2]!);
  const first = await propose(b, 'src/a.ts');
  const index = first.episode.candidates.findIndex(({ text }) => text === answers[2]);
  const candidateId = first.episode.candidates[index]!.id;
  b.store.addEvents([
    {
      id: first.episode.id.replace('0189', '0188'),
      episodeId: first.episode.id,
      candidateId,
      at: b.clock.time,
      type: 'rejected',
    },
  ]);
  await b.rate(first.episode.id, bad);
  const { episode } = await propose(b, 'src/a.ts');
  assert.equal(episode.candidates.at(-1)!.text, answers[2]);
  assert.equal(episode.candidates.at(-1)!.propensity, 0);
  assert.ok(Math.abs(episode.candidates.reduce((sum, { propensity }) => sum + propensity!, 0) - 1) < 1e-12);
});

test('without a reward model they stand as the model gave them, and no version is named', async (t) => {
  const b = await start(t, null);
  const { episode } = await propose(b, 'src/a.ts');
  assert.deepEqual(
    episode.candidates.map(({ text }) => text),
    answers,
  );
  assert.deepEqual([episode.versions, episode.propensity], [undefined, 1]);
});
