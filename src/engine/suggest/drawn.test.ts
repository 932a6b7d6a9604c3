/** Choices that are drawn: by the anchor, and by a trained selector. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EngineConfig } from '../../protocol/config.ts';
import type { Episode } from '../../protocol/episode.ts';
import { seeded } from '../../tensor/random.ts';
import { featureExtractor } from '../learn/features/features.ts';
import { offerablesOf } from '../learn/features/offerable.ts';
import { History } from '../learn/history.ts';
import { linTs } from '../learn/selector/linTs.ts';
import { linUcb } from '../learn/selector/linUcb.ts';
import type { Selector } from '../learn/selector/selector.ts';
import { selectorId, served, servedSelector } from '../learn/serving/testServed.ts';
import { type Bench, bench, never, says } from './testing/bench.ts';
import { nextId } from './testing/entries.ts';

async function start(t: TestContext, options: Parameters<typeof bench>[1] = {}, over: Partial<EngineConfig> = {}) {
  const made = await bench({ inlineCandidates: 3, ...over }, options);
  t.after(() => made.close());
  return made;
}

const area = 'class Circle {\n  constructor(readonly r: number) {}\n  area() {\n    ▮\n  }\n}\n';
const answers = ['return Math.PI * this.r ** 2;', 'return 3.14 * r * r;', 'throw new Error();'];

async function ask(b: Bench, file: string, over: Partial<Parameters<Bench['suggester']['suggest']>[0]> = {}) {
  b.script = (_request, _signal, call) => says(answers[call % answers.length]!);
  const before = b.store.size;
  const result = await b.suggester.suggest({ ...b.at(file, area), ...over }, never());
  const [entry] = b.store.entries();
  assert.ok(b.store.size > before, 'the decision is written down, silence too');
  return { result, episode: entry!.episode };
}

const silenceOf = ({ candidates }: Episode): number =>
  1 - candidates.reduce((sum, { propensity = 0 }) => sum + propensity, 0);

test('several answers of a server that says of none how sure it is: which comes first is drawn, and with what probability is known', async (t) => {
  const b = await start(t);
  const counts = new Map<string, { seen: number; foretold: number; variance: number }>();
  const note = (key: string, seen: boolean, p: number): void => {
    const one = counts.get(key) ?? { seen: 0, foretold: 0, variance: 0 };
    one.seen += seen ? 1 : 0;
    one.foretold += p;
    one.variance += p * (1 - p);
    counts.set(key, one);
  };
  const places = 250;
  for (let i = 0; i < places; i += 1) {
    const { episode } = await ask(b, `src/f${i}.ts`);
    assert.equal(episode.candidates.length, 3);
    assert.equal(episode.versions, undefined);
    const silence = silenceOf(episode);
    for (const { propensity } of episode.candidates) assert.ok(propensity! >= 0.05 / 4 - 1e-12);
    assert.ok(silence >= 0.05 / 4 - 1e-9 && silence < 1);
    const chosen = episode.offered === null ? null : episode.candidates[episode.offered]!;
    assert.ok(Math.abs(episode.propensity - (chosen?.propensity ?? silence)) < 1e-12);
    for (const one of episode.candidates) note(one.text, one === chosen, one.propensity!);
    note('', chosen === null, silence);
  }
  assert.equal(counts.size, 4);
  for (const [text, { seen, foretold, variance }] of counts) {
    assert.ok(Math.abs(seen - foretold) <= 4 * Math.sqrt(variance), `“${text}”: ${seen} for ${foretold}`);
  }
});

test('the same place is decided the same way again, and typing along keeps the episode', async (t) => {
  const b = await start(t);
  const { episode, result } = await ask(b, 'src/a.ts', { trigger: 'explicit' });
  const [item] = result.items;
  const typed = area.replace('▮', `${item!.insertText.slice(0, 3)}▮`);
  const along = await b.suggester.suggest(b.at('src/a.ts', typed), never());
  assert.equal(along.episodeId, episode.id);
  assert.equal(along.items[0]!.candidateId, item!.candidateId);
  const other = await start(t);
  const again = await ask(other, 'src/a.ts', { trigger: 'explicit' });
  assert.equal(again.result.items[0]!.insertText, item!.insertText, 'the draw depends on place and texts alone');
});

/** LinUCB that has learnt from `count` decisions that one text is liked and the others are not. */
async function taught(likes: RegExp, make: () => Selector = linUcb) {
  const selector = make();
  const extractor = featureExtractor();
  const random = seeded(3);
  for (let i = 0; i < 120; i += 1) {
    const rows = answers.map((text) =>
      extractor.featuresOf(
        {
          id: null,
          at: i,
          kind: 'inline',
          file: 'src/a.ts',
          languageId: 'typescript',
          line: 3,
          prefix: area.slice(0, area.indexOf('▮')),
          before: '',
          suffix: '\n  }\n}\n',
          instruction: '',
          text,
          model: 'openai:told',
          probability: null,
          rival: 0,
          similarity: null,
        },
        [],
      ),
    );
    const action = Math.floor(random() * answers.length);
    const reward = likes.test(answers[action]!) ? 0.75 : -0.25;
    await selector.learn({ candidates: rows, action, probabilities: [0.25, 0.25, 0.25, 0.25], reward });
  }
  return servedSelector(selector);
}

test('a selector that serves decides, and the episode names it; the trace too', async (t) => {
  const b = await start(t, { served: served({ selector: await taught(/throw/) }) });
  let thrown = 0;
  const places = 40;
  for (let i = 0; i < places; i += 1) {
    const { episode } = await ask(b, `src/f${i}.ts`);
    assert.deepEqual(episode.versions, [selectorId]);
    const liked = episode.candidates.find(({ text }) => text.startsWith('throw'))!;
    assert.ok(Math.abs(liked.propensity! - (0.95 + 0.05 / 4)) < 1e-9);
    assert.ok(silenceOf(episode) >= 0.05 / 4 - 1e-9, 'silence now and then, so that it can be compared');
    if (episode.offered !== null && episode.candidates[episode.offered] === liked) thrown += 1;
    const note = b.traces.of(episode.id)[0]!.steps.find(({ name }) => name === 'decision')!.note;
    assert.match(note, new RegExp(selectorId));
  }
  assert.ok(thrown >= 35, `${thrown} of ${places}`);
});

test('what the selector saw is what training will see: the same numbers, from the stored episode', async (t) => {
  const rows: Float64Array[][] = [];
  const asked = await taught(/PI/);
  const watching = {
    ...asked,
    probabilities: (candidates: readonly Float64Array[], silence?: number) => {
      rows.push([...candidates]);
      return asked.probabilities(candidates, silence);
    },
  };
  const b = await start(t, { served: served({ selector: watching }) });
  const extractor = featureExtractor();
  for (let i = 0; i < 12; i += 1) {
    // Closers behind the cursor, secrets, long files: whatever is stored otherwise than it stands there.
    const secret = i % 3 === 0 ? 'const key = "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD";\n' : '';
    const marked = `${secret}${'// filler\n'.repeat(i * 40)}${i % 2 === 0 ? area : 'function f(r) {\n  return g(▮)\n}\n'}`;
    b.script = (_request, _signal, call) =>
      says(i % 2 === 0 ? answers[call % 3]! : ['r, 1);', 'r.x);', 'r * 2);'][call % 3]!);
    b.clock.time += 5000;
    const params = { ...b.at(`src/f${i % 4}.ts`, marked), trigger: 'explicit' as const };
    const result = await b.suggester.suggest(params, never());
    assert.ok(result.episodeId, 'asked for by hand, something comes');
    const { episode } = b.store.get(result.episodeId)!;
    const history = new History();
    for (const entry of [...b.store.entries()].reverse()) history.note(entry);
    const seen = rows
      .at(-1)!
      .map((row) => row.join())
      .sort();
    const trained = offerablesOf(episode)
      .map(({ offerable }) => extractor.featuresOf(offerable, history.before(episode.id)).join())
      .sort();
    assert.deepEqual(seen, trained);
    const candidateId = episode.candidates[0]!.id;
    b.clock.time += 1000;
    const type = i % 3 === 1 ? 'rejected' : 'accepted';
    b.store.addEvents([{ id: nextId(), episodeId: episode.id, candidateId, at: b.clock.time, type }]);
  }
  assert.equal(rows.length, 12);
});

test('asked for by hand, silence is no answer, whatever the selector thinks of the candidates', async (t) => {
  const b = await start(t, {
    served: served({ selector: await taught(/nothing of it/, () => linUcb({ alpha: 0.01 })) }),
  });
  let silent = 0;
  for (let i = 0; i < 20; i += 1) {
    const { episode } = await ask(b, `src/f${i}.ts`);
    if (episode.offered === null) silent += 1;
    const { result, episode: forced } = await ask(b, `src/g${i}.ts`, { trigger: 'explicit' });
    assert.ok(result.items.length > 0);
    assert.ok(Math.abs(silenceOf(forced)) < 1e-9);
  }
  assert.ok(silent >= 15, `unasked, it is silent: ${silent} of 20`);
});

test('the mode shifts what silence is worth: eager shows more than normal, subtle less', async (t) => {
  const selector = await taught(/PI/, () => linTs(seeded(1), { alpha: 1 }));
  const b = await start(t, { served: served({ selector }) });
  const quiet: Record<string, number> = { eager: 0, normal: 0, subtle: 0 };
  for (const mode of ['eager', 'normal', 'subtle'] as const) {
    for (let i = 0; i < 10; i += 1)
      quiet[mode]! += silenceOf((await ask(b, `src/${mode}${i}.ts`, { mode })).episode) / 10;
  }
  assert.ok(quiet.eager! < quiet.normal! && quiet.normal! < quiet.subtle!, JSON.stringify(quiet));
});
