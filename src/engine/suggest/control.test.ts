import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { armOf, isControl } from './control.ts';
import { type Bench, bench, never, says } from './testing/bench.ts';
import { bad, good } from './testing/entries.ts';

const minuteMs = 60_000;

test('A5-11: the control arm is random, sticky and balanced over files, lines and times', () => {
  const share = 0.05;
  const place = (i: number) => ({ file: `src/f${i % 50}.ts`, line: Math.floor(i / 50), at: 1_700_000_000_000 });
  const shareOf = (places: readonly Parameters<typeof isControl>[2][], seed = 0): number =>
    places.filter((one) => isControl(share, seed, one)).length / places.length;
  const all = Array.from({ length: 20_000 }, (_, i) => place(i));
  const near = (found: number, count: number, what: string): void => {
    const error = Math.sqrt((share * (1 - share)) / count);
    assert.ok(Math.abs(found - share) < 4 * error, `${what}: ${found}`);
  };
  near(shareOf(all), all.length, 'all');
  for (const file of ['src/f0.ts', 'src/f17.ts']) {
    const there = Array.from({ length: 20_000 }, (_, line) => ({ file, line, at: 0 }));
    near(shareOf(there), there.length, file);
  }
  const times = Array.from({ length: 20_000 }, (_, i) => ({ file: 'a.ts', line: 3, at: i * 10 * minuteMs }));
  near(shareOf(times), times.length, 'one line at different times: none is without memory for good');
  for (const one of all.slice(0, 500)) {
    const aMomentLater = { ...one, at: one.at + 1000 };
    assert.equal(isControl(share, 0, one), isControl(share, 0, aMomentLater), 'typing on changes nothing');
  }
  assert.ok(
    all.some((one) => isControl(share, 0, one) !== isControl(share, 1, one)),
    'another seed, other places',
  );
  assert.equal(shareOf(all.map((one) => one)) > 0 && all.some((one) => isControl(0, 0, one)), false, '0 turns it off');
});

test('where memory is off there is nothing to compare', () => {
  const options = { clock: { now: () => 0 }, seed: 0 };
  const arms = (examples: number): Set<string> =>
    new Set(
      Array.from({ length: 50 }, (_, line) => armOf({ config: { examples, controlShare: 0.5 }, options }, 'a', line)),
    );
  assert.deepEqual([...arms(0)], ['treated']);
  assert.deepEqual([...arms(4)].sort(), ['control', 'treated']);
});

const area = 'class Circle {\n  constructor(readonly r: number) {}\n  area() {\n    ▮\n  }\n}\n';

/** Every place is in one arm. */
async function start(t: TestContext, arm: 'control' | 'treated'): Promise<Bench> {
  // Half of the places are; the seed is such that this one is, or is not.
  const line = area.slice(0, area.indexOf('▮')).split('\n').length - 1;
  const isIn = (seed: number): boolean => isControl(0.5, seed, { file: 'src/a.ts', line, at: 1_700_000_000_000 });
  let seed = 0;
  while (isIn(seed) !== (arm === 'control')) seed += 1;
  const made = await bench({ controlShare: 0.5 }, { seed });
  t.after(() => made.close());
  return made;
}

/** Keeps an answer, well rated, so that it is an example; then asks again at a place like it. */
async function remembered(b: Bench): Promise<void> {
  b.script = () => says('return Math.PI * this.r ** 2;');
  const result = await b.suggester.suggest({ ...b.at('src/other.ts', area), trigger: 'explicit' }, never());
  const { episode } = b.store.get(result.episodeId!)!;
  await b.rate(episode.id, good);
  await b.remembered();
}

test('in the control arm no example stands in the prompt and nothing votes; the episode says so', async (t) => {
  const used: Record<string, number> = {};
  for (const arm of ['control', 'treated'] as const) {
    const b = await start(t, arm);
    await remembered(b);
    b.script = () => says('return 1;');
    const result = await b.suggester.suggest({ ...b.at('src/a.ts', area), trigger: 'explicit' }, never());
    const { episode } = b.store.get(result.episodeId!)!;
    used[arm] = episode.examples.length;
    assert.equal(episode.arm, arm === 'control' ? 'control' : undefined);
    assert.equal(
      episode.candidates.some(({ model }) => model === 'memory'),
      arm === 'treated',
    );
    const note = b.traces.of(episode.id)[0]!.steps.find(({ name }) => name === 'decision')!.note;
    assert.equal(/without memory/.test(note), arm === 'control', note);
  }
  assert.equal(used.control, 0);
  assert.ok(used.treated! > 0);
});

test('in the control arm a bad rating elsewhere is forgotten, but what was just turned down here does not come back', async (t) => {
  const b = await start(t, 'control');
  b.script = () => says('return Math.PI * this.r ** 2;');
  const elsewhere = await b.suggester.suggest({ ...b.at('src/other.ts', area), trigger: 'explicit' }, never());
  await b.rate(elsewhere.episodeId!, bad);
  await b.remembered();
  const here = await b.suggester.suggest({ ...b.at('src/a.ts', area), trigger: 'explicit' }, never());
  assert.equal(here.items[0]?.insertText, 'return Math.PI * this.r ** 2;');
  const { episode } = b.store.get(here.episodeId!)!;
  const rejected = {
    episodeId: episode.id,
    candidateId: episode.candidates[0]!.id,
    at: b.clock.time,
    type: 'rejected',
  } as const;
  b.store.addEvents([{ id: episode.id.replace(/^0189/, '0188'), ...rejected }]);
  b.clock.time += 30_000;
  const again = await b.suggester.suggest({ ...b.at('src/a.ts', area), trigger: 'explicit' }, never());
  assert.deepEqual(again.items, []);
});

test('in the control arm an edit is asked for without examples, and what was learnt orders nothing', async (t) => {
  const b = await start(t, 'control');
  await remembered(b);
  b.script = () => says('    return this.r * this.r * 3;');
  const { uri, version, offset } = b.at('src/a.ts', area);
  const result = await b.suggester.proposeEdit(
    { requestId: 'r', uri, version, start: offset, end: offset, instruction: 'area of a circle' },
    () => {},
    never(),
  );
  assert.ok(result.ok);
  const { episode } = b.store.get(result.episodeId)!;
  assert.deepEqual([episode.arm, episode.examples, episode.versions], ['control', [], undefined]);
});
