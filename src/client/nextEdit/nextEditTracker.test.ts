import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import { type NextEditOffer, NextEditTracker, nextEditMs } from './nextEditTracker.ts';

const id = (n: number): string => `01890000-0000-7000-8000-${n.toString().padStart(12, '0')}`;
const offer: NextEditOffer = {
  episodeId: id(1),
  candidateId: id(2),
  uri: 'a.ts',
  start: 100,
  end: 108,
  before: 'userName',
  text: 'customerName',
  remaining: 1,
};
const source = { uri: 'a.ts', start: 20, end: 50 };

function start() {
  const events: LifecycleEvent[] = [];
  const timers = new Set<{ at: number; run: () => void }>();
  const clock = { time: 0 };
  const tracker = new NextEditTracker({
    now: () => clock.time,
    schedule(delayMs, run) {
      const timer = { at: clock.time + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    emit: (more) => events.push(...more),
    onChange: () => {},
  });
  const pass = (ms: number): void => {
    const until = clock.time + ms;
    for (;;) {
      const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      timers.delete(due);
      clock.time = due.at;
      due.run();
    }
    clock.time = until;
  };
  const said = () => events.map(({ type, reason }) => (reason === undefined ? type : `${type} ${reason}`));
  return { tracker, events, pass, said, timers };
}

const insert = (at: number, text: string) => [{ offset: at, length: 0, text }];

test('shown after a tenth of a second in sight, read when it could be read, then taken', () => {
  const { tracker, pass, said, events } = start();
  tracker.offer(offer, source);
  tracker.sight(true);
  pass(99);
  assert.deepEqual(said(), []);
  pass(1);
  pass(1000);
  tracker.accepted();
  assert.deepEqual(said(), ['shown', 'read', 'accepted']);
  for (const event of events) assert.deepEqual([event.episodeId, event.candidateId], [id(1), id(2)]);
  assert.equal(tracker.live, null);
});

test('a hint that points elsewhere shows nothing of the offer', () => {
  const { tracker, pass, said } = start();
  tracker.offer(offer, source);
  tracker.sight(false);
  pass(5000);
  tracker.rejected();
  assert.deepEqual(said(), ['rejected escape']);
});

test('a glance of less than a tenth of a second doesn’t count, and looking twice counts once', () => {
  const { tracker, pass, said } = start();
  tracker.offer(offer, source);
  for (const glance of [50, 50, 150, 150]) {
    tracker.sight(true);
    pass(glance);
    tracker.sight(false);
  }
  assert.deepEqual(said(), ['shown']);
});

test('edits elsewhere move it along; the cursor may go where it likes', () => {
  const { tracker, said } = start();
  tracker.offer(offer, source);
  tracker.changed('a.ts', insert(5, 'new\n'), 'user');
  tracker.changed('b.ts', insert(104, 'x'), 'user');
  tracker.changed('a.ts', insert(500, 'x'), 'user');
  tracker.focused('a.ts');
  assert.deepEqual([tracker.live?.start, tracker.live?.end], [104, 112]);
  assert.deepEqual(tracker.source, { uri: 'a.ts', start: 24, end: 54 });
  assert.deepEqual(said(), []);
});

for (const [what, change] of [
  ['inside', insert(104, 'x')],
  ['right before', insert(100, 'x')],
  ['right behind', insert(108, 'x')],
  ['over it', [{ offset: 90, length: 30, text: '' }]],
] as const) {
  test(`typing ${what} of the place ends it as typed past`, () => {
    const { tracker, said } = start();
    tracker.offer(offer, source);
    tracker.changed('a.ts', change, 'user');
    assert.deepEqual(said(), ['ignored typedPast']);
    assert.equal(tracker.live, null);
  });
}

test('going on with the change itself makes it another: the old offer must not be taken any more', () => {
  const { tracker, said } = start();
  tracker.offer(offer, source);
  tracker.changed('a.ts', insert(50, 's'), 'user');
  assert.deepEqual(said(), ['ignored superseded']);
});

test('our own insertion is not the user’s typing', () => {
  const { tracker, said } = start();
  tracker.offer(offer, source);
  tracker.changed('a.ts', [{ offset: 100, length: 8, text: 'customerName' }], 'us');
  tracker.accepted();
  assert.deepEqual(said(), ['accepted']);
});

test('another place supersedes it, the same one again changes nothing', () => {
  const { tracker, said } = start();
  tracker.offer(offer, source);
  tracker.offer(offer, source);
  assert.deepEqual(said(), []);
  tracker.offer({ ...offer, episodeId: id(3) }, source);
  assert.deepEqual(said(), ['ignored superseded']);
  assert.equal(tracker.live?.episodeId, id(3));
});

test('after a minute, when its document closes, or when the user goes to work elsewhere, it is gone', () => {
  const late = start();
  late.tracker.offer(offer, source);
  late.pass(nextEditMs);
  assert.deepEqual(late.said(), ['ignored timedOut']);
  const closed = start();
  closed.tracker.offer(offer, source);
  closed.tracker.closed('b.ts');
  closed.tracker.closed('a.ts');
  assert.deepEqual(closed.said(), ['ignored closed']);
  const away = start();
  away.tracker.offer({ ...offer, uri: 'b.ts' }, source);
  away.tracker.focused('a.ts');
  away.tracker.focused('b.ts');
  assert.deepEqual(away.said(), []);
  away.tracker.focused('c.ts');
  assert.deepEqual(away.said(), ['ignored moved']);
});

test('whatever happens, an offer ends exactly once, with nothing after its end, and leaves no timer behind', () => {
  const step = fc.oneof(
    fc.record({
      type: fc.constant('change' as const),
      at: fc.nat(150),
      length: fc.nat(20),
      text: fc.constantFrom('', 'x', 'a\nb'),
    }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.nat(20_000) }),
    fc.record({ type: fc.constant('sight' as const), inSight: fc.boolean() }),
    fc.record({ type: fc.constantFrom('accept' as const, 'reject' as const, 'close' as const, 'offer' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { tracker, events, pass, timers } = start();
      let made = 10;
      const offers = [offer];
      tracker.offer(offer, source);
      for (const one of steps) {
        switch (one.type) {
          case 'change':
            tracker.changed('a.ts', [{ offset: one.at, length: one.length, text: one.text }], 'user');
            break;
          case 'pass':
            pass(one.ms);
            break;
          case 'sight':
            tracker.sight(one.inSight);
            break;
          case 'accept':
            tracker.accepted();
            break;
          case 'reject':
            tracker.rejected();
            break;
          case 'close':
            tracker.closed('a.ts');
            break;
          case 'offer':
            made += 1;
            offers.push({ ...offer, episodeId: id(made) });
            tracker.offer(offers.at(-1)!, source);
            break;
        }
      }
      tracker.leave('closed');
      for (const { episodeId } of offers) {
        const own = events.filter((event) => event.episodeId === episodeId).map(({ type }) => type);
        assert.equal(own.filter((type) => type !== 'shown' && type !== 'read').length, 1);
        assert.ok(!['shown', 'read'].includes(own.at(-1)!));
        assert.ok(
          own.filter((type) => type === 'shown').length <= 1 && own.filter((type) => type === 'read').length <= 1,
        );
      }
      assert.equal(timers.size, 0);
    }),
  );
});
