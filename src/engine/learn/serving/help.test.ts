import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { acceptanceSpans, servingAt } from './acceptanceSpans.ts';
import { type Kit, kit } from './testKit.ts';

async function start(t: TestContext): Promise<Kit> {
  const made = await kit();
  t.after(() => made.close());
  return made;
}

test('accepted among shown, of each arm; what is not settled, or was not seen, is left out', async (t) => {
  const k = await start(t);
  // Before there was a control arm: another time, another developer.
  for (let i = 0; i < 20; i += 1) k.decide({ became: 'rejected' });
  for (let i = 0; i < 400; i += 1) {
    k.clock.time += 1000;
    const control = i % 2 === 0;
    const accepted = control ? i % 20 < 4 : i % 20 < 12;
    k.decide({ became: accepted ? 'accepted' : 'rejected', ...(control ? { over: { arm: 'control' } } : {}) });
    k.decide({});
    k.decide({ offered: null });
    k.decide({ kind: 'nextEdit', became: 'accepted' });
    k.decide({ became: 'accepted', over: { author: 'somebody else' } });
  }
  const serving = k.serve();
  const help = serving.help();
  assert.deepEqual(help.control, { accepted: 40, decisions: 200 });
  assert.deepEqual(help.treated, { accepted: 120, decisions: 200 });
  assert.equal(help.kind, 'helps');
  assert.ok(help.low! > 0 && help.high! > help.low!);
  assert.match(help.text, /^helps: \d+ % to \d+ % more accepted$/);
});

test('without a control arm nothing is claimed', async (t) => {
  const k = await start(t);
  for (let i = 0; i < 50; i += 1) k.decide({ became: 'accepted' });
  const help = k.serve().help();
  assert.deepEqual([help.kind, help.high, help.more], ['notYet', null, null]);
});

test('a new decision counts at the next look', async (t) => {
  const k = await start(t);
  const serving = k.serve();
  k.decide({ became: 'accepted', over: { arm: 'control' } });
  assert.equal(serving.help().control.decisions, 1);
  k.decide({ became: 'accepted', over: { arm: 'control' } });
  assert.equal(serving.help().control.decisions, 2);
});

test('acceptance over time comes in spans of equally many shown offers, at most forty, with what served then', async (t) => {
  const k = await start(t);
  for (let i = 0; i < 500; i += 1) {
    k.clock.time += 1000;
    k.decide({ became: i < 250 ? (i % 4 === 0 ? 'accepted' : 'rejected') : i % 4 === 0 ? 'rejected' : 'accepted' });
  }
  const half = k.clock.time - 250_000;
  const first = await k.promoteSelector();
  const { versions, serving } = await k.registry.lifecycle();
  const moved = versions.map((entry) => ({
    ...entry,
    history: entry.history.map((change) => ({ ...change, at: half })),
  }));
  const spans = acceptanceSpans(k.store.entries(), { versions: moved, serving });
  assert.ok(spans.length <= 40 && spans.length >= 38);
  assert.equal(
    spans.reduce((sum, { shown }) => sum + shown, 0),
    500,
  );
  assert.equal(
    spans.reduce((sum, { accepted }) => sum + accepted, 0),
    63 + 188,
  );
  for (const [i, { from, to }] of spans.entries()) assert.ok(from <= to && (i === 0 || from > spans[i - 1]!.to));
  assert.deepEqual([spans[0]!.selector, spans.at(-1)!.selector, spans.at(-1)!.rewardModel], [null, first, null]);
  assert.deepEqual(await k.serve().acceptance(), acceptanceSpans(k.store.entries(), await k.registry.lifecycle()));
});

test('what served when: a stale one goes on, a rolled back one does not', async (t) => {
  const k = await start(t);
  const at = () => k.clock.time;
  const times: number[] = [];
  const pass = () => {
    times.push(at());
    k.clock.time += 1000;
  };
  pass();
  const first = await k.promoteSelector();
  pass();
  const second = await k.promoteSelector();
  pass();
  await k.registry.markStale(new Set(['nothing']), 'No data of it.');
  await k.registry.rollBack('selector', 'Worse.');
  pass();
  await k.registry.switchOff('selector', 'No more.');
  pass();
  const lifecycle = await k.registry.lifecycle();
  assert.deepEqual(
    times.map((time) => servingAt(lifecycle, 'selector', time)),
    [null, first, second, first, null],
  );
});
