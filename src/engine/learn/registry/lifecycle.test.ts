import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  apply,
  emptyLifecycle,
  find,
  type Lifecycle,
  move,
  predecessorOf,
  refusalMessage,
  removable,
  type Step,
  type VersionEntry,
  versionKinds,
} from './lifecycle.ts';

const why = { reason: 'r', at: 1 };
const register = (id: string, parent: string | null, change: Partial<Step & { type: 'register' }> = {}): Step => ({
  type: 'register',
  id,
  kind: 'selector',
  parent,
  dependsOn: [],
  ...why,
  ...change,
});
const promote = (id: string): Step => ({ type: 'promote', id, ...why });
const rollBack: Step = { type: 'rollBack', kind: 'selector', ...why };

function after(steps: readonly Step[], from: Lifecycle = emptyLifecycle): Lifecycle {
  return steps.reduce((lifecycle, step) => {
    const result = apply(lifecycle, step);
    assert.ok(result.ok, result.ok ? '' : `${step.type}: ${refusalMessage(result.refusal)}`);
    return result.lifecycle;
  }, from);
}
function refusalOf(lifecycle: Lifecycle, step: Step) {
  const result = apply(lifecycle, step);
  assert.ok(!result.ok, `${step.type} was not refused`);
  return result.refusal;
}
const states = ({ versions }: Lifecycle) => Object.fromEntries(versions.map(({ id, state }) => [id, state]));

const threeInARow = after([
  register('a', null),
  promote('a'),
  register('b', 'a'),
  promote('b'),
  register('c', 'b'),
  promote('c'),
]);

test('A5-15, A5-17: one active version of each kind; a successor retires the former', () => {
  assert.deepEqual(states(threeInARow), { a: 'retired', b: 'retired', c: 'active' });
  const both = after([register('m', null, { kind: 'rewardModel' }), promote('m')], threeInARow);
  assert.deepEqual(both.serving, { rewardModel: 'm', selector: 'c', policy: null });
  assert.deepEqual(
    find(both, 'b')!.history.map(({ state }) => state),
    ['candidate', 'active', 'retired'],
  );
});

test('A5-17: a rollback goes one step back, never forward to what was rolled back, and is a no-op without predecessor', () => {
  const once = after([rollBack], threeInARow);
  assert.deepEqual(states(once), { a: 'retired', b: 'active', c: 'rejected' });
  const twice = after([rollBack], once);
  assert.deepEqual(states(twice), { a: 'active', b: 'rejected', c: 'rejected' });
  assert.deepEqual(refusalOf(twice, rollBack), { type: 'noPredecessor', kind: 'selector' });
  assert.deepEqual(refusalOf(emptyLifecycle, rollBack), { type: 'nothingServes', kind: 'selector' });
  // A successor of b, after c was rolled back: its rollback leads to b.
  const next = after([register('d', 'b'), promote('d'), rollBack], once);
  assert.equal(next.serving.selector, 'b');
});

test('switched off: nothing serves, and the next version starts from nothing', () => {
  const off = after([{ type: 'switchOff', kind: 'selector', ...why }], threeInARow);
  assert.equal(off.serving.selector, null);
  assert.equal(after([register('d', null), promote('d')], off).serving.selector, 'd');
});

test('what was compared with another version than the one that serves now is not promoted', () => {
  const siblings = after([register('d', 'c'), register('e', 'c'), promote('d')], threeInARow);
  assert.deepEqual(refusalOf(siblings, promote('e')), { type: 'notSuccessor', id: 'e', serving: 'd' });
});

test('A5-26: a rejected candidate, or one whose data changed, can’t be promoted any more', () => {
  const rejected = after([register('d', 'c'), { type: 'reject', id: 'd', ...why }], threeInARow);
  assert.deepEqual(refusalOf(rejected, promote('d')), {
    type: 'wrongState',
    id: 'd',
    state: 'rejected',
    wanted: 'candidate',
  });
  assert.equal(rejected.serving.selector, 'c');
  const stale = after([register('d', 'c'), { type: 'outdate', ids: ['d'], ...why }], threeInARow);
  assert.match(refusalMessage(refusalOf(stale, promote('d'))), /has changed since\. Train again\./);
});

test('stale: dependants follow, what serves goes on serving, a rollback passes over it', () => {
  const chain = after(
    [
      register('m', null, { kind: 'rewardModel' }),
      promote('m'),
      register('d', 'c', { dependsOn: ['m'] }),
      promote('d'),
    ],
    threeInARow,
  );
  const stale = after([{ type: 'outdate', ids: ['m', 'c'], ...why }], chain);
  assert.deepEqual(states(stale), { a: 'retired', b: 'retired', c: 'stale', m: 'stale', d: 'stale' });
  assert.deepEqual(stale.serving, { rewardModel: 'm', selector: 'd', policy: null });
  assert.equal(after([rollBack], stale).serving.selector, 'b');
  // Trained with a reward model that was stale when it came to be registered.
  assert.equal(states(after([register('e', 'd', { dependsOn: ['m'] })], stale)).e, 'stale');
});

test('damaged: the nearest whole forebear serves, or nothing', () => {
  const damaged = (id: string): Step => ({ type: 'damaged', id, ...why });
  const one = after([damaged('b'), damaged('c')], threeInARow);
  assert.deepEqual(states(one), { a: 'active', b: 'rejected', c: 'rejected' });
  assert.equal(after([damaged('a')], one).serving.selector, null);
});

test('only idle versions beyond the newest lose their files; never what serves, what a rollback leads to, or a candidate', () => {
  const steps = [...'defgh'].flatMap((id, i) => [register(id, 'cdefg'[i]!), promote(id)]);
  const many = after([...steps, register('x', 'h')], threeInARow);
  assert.deepEqual(removable(many, 2), ['a', 'b', 'c', 'd']);
  assert.deepEqual(removable(many, 0), ['a', 'b', 'c', 'd', 'e', 'f']);
  const collected = after([{ type: 'removeFiles', ids: [...'abcdefghx'] }], many);
  const kept = collected.versions.filter(({ files }) => files === 'kept').map(({ id }) => id);
  assert.deepEqual(kept, ['g', 'h', 'x']);
  assert.deepEqual(
    collected.versions.map(({ parent }) => parent),
    [null, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
  );
});

test('illegal moves don’t compile', () => {
  const entry = find(threeInARow, 'a') as VersionEntry<'retired'>;
  // @ts-expect-error: nothing becomes a candidate again.
  assert.ok(move(entry, 'candidate', why));
  // @ts-expect-error: what was rejected stays rejected.
  assert.ok(move(find(threeInARow, 'a') as VersionEntry<'rejected'>, 'active', why));
  assert.equal(move(entry, 'active', why).state, 'active');
});

test('whatever happens, in any order: at most one serves, it is whole, and what was rejected never comes back', () => {
  const id = fc.integer({ min: 0, max: 7 }).map(String);
  const kind = fc.constantFrom(...versionKinds.slice(0, 2));
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('register' as const),
        id,
        kind,
        parent: fc.option(id),
        dependsOn: fc.array(id, { maxLength: 1 }),
        reason: fc.constant('r'),
        at: fc.constant(1),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constantFrom('promote' as const, 'reject' as const, 'damaged' as const),
        id,
        reason: fc.constant('r'),
        at: fc.constant(1),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('rollBack' as const, 'switchOff' as const),
        kind,
        reason: fc.constant('r'),
        at: fc.constant(1),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('outdate' as const),
        ids: fc.array(id, { maxLength: 2 }),
        reason: fc.constant('r'),
        at: fc.constant(1),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('removeFiles' as const), ids: fc.array(id) }) },
  );
  // Steps that fit what there is, so that long lines of promotions occur.
  const fitting = (lifecycle: Lifecycle, given: Step): Step => {
    if (given.type === 'register') {
      return { ...given, id: String(lifecycle.versions.length), parent: lifecycle.serving[given.kind], dependsOn: [] };
    }
    const candidate = lifecycle.versions.findLast(({ state }) => state === 'candidate');
    return given.type === 'promote' && candidate ? { ...given, id: candidate.id } : given;
  };
  let promoted = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), fc.boolean(), (steps, fit) => {
      let lifecycle = emptyLifecycle;
      for (const given of steps) {
        const one = fit ? fitting(lifecycle, given) : given;
        const before = lifecycle;
        const result = apply(before, one);
        if (!result.ok) {
          refused++;
          assert.ok(refusalMessage(result.refusal).length > 10);
          continue;
        }
        lifecycle = result.lifecycle;
        if (one.type === 'promote') promoted++;
        for (const kindOf of versionKinds) {
          const serving = find(lifecycle, lifecycle.serving[kindOf]);
          if (serving) assert.ok(serving.kind === kindOf && serving.files === 'kept');
          if (serving) assert.ok(serving.state === 'active' || serving.state === 'stale');
          const active = lifecycle.versions.filter(({ kind: of, state }) => of === kindOf && state === 'active');
          assert.ok(active.length <= 1 && active.every((entry) => entry === serving));
          if (serving) assert.ok(!removable(lifecycle, 0).includes(serving.id));
          const back = serving && predecessorOf(lifecycle, serving.id);
          if (back) assert.ok(!removable(lifecycle, 0).includes(back.id));
        }
        for (const entry of before.versions) {
          const now = find(lifecycle, entry.id)!;
          assert.deepEqual(now.history.slice(0, entry.history.length), entry.history);
          if (entry.state === 'rejected') assert.equal(now.state, 'rejected');
        }
        for (const { state, history } of lifecycle.versions) assert.equal(history.at(-1)!.state, state);
      }
    }),
    { numRuns: 400, seed: 20261126 },
  );
  assert.ok(promoted > 100 && refused > 100, `${promoted} promoted, ${refused} refused`);
});
