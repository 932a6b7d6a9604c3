import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight, type Seat } from './inFlight.ts';
import { never } from './testing/bench.ts';

/** One document, a timer moved by hand, and a model that answers when it is told to. */
function setUp() {
  const timers: { at: number; fire: () => void }[] = [];
  const state = { now: 0, text: '' };
  const flights = new InFlight<string>(
    {
      after(ms, fire) {
        const one = { at: state.now + ms, fire };
        timers.push(one);
        return () => void (timers.includes(one) && timers.splice(timers.indexOf(one), 1));
      },
    },
    () => state.text,
  );
  return {
    flights,
    /** The document becomes `marked`, with the cursor at `▮`. */
    at(marked: string) {
      state.text = marked.replace('▮', '');
      return { uri: 'a', text: state.text, offset: marked.indexOf('▮') };
    },
    start(at: { uri: string; text: string; offset: number }, count = 1) {
      const { promise, resolve } = Promise.withResolvers<string>();
      const model = { say: (_soFar: string) => {}, end: resolve, aborted: false };
      const seat = flights.start(at, {
        count,
        run(signal, heard) {
          model.say = heard;
          signal.addEventListener('abort', () => {
            model.aborted = true;
          });
          return promise;
        },
      });
      return { seat, model };
    },
    pass(ms: number) {
      state.now += ms;
      for (const timer of timers.filter(({ at }) => at <= state.now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.fire();
      }
    },
    get pending() {
      return timers.length;
    },
  };
}

/** A seat that can be given up. */
function waiting(seat: Seat<string>) {
  const controller = new AbortController();
  return { leave: () => controller.abort(), answer: seat.answer(controller.signal) };
}

test('the request after the next keystroke joins, and outlives the one that asked', async () => {
  const b = setUp();
  const { seat, model } = b.start(b.at('let x = ▮;'));
  const first = waiting(seat);
  const joined = b.flights.join(b.at('let x = ca▮;'), 1);
  assert.equal(joined?.typed, 'ca');
  const second = waiting(joined!);
  first.leave();
  assert.equal(await first.answer, null);
  assert.equal(model.aborted, false);
  model.end('call()');
  assert.equal(await second.answer, 'call()');
  assert.equal(b.pending, 0);
});

test('called off before the next request comes, it is kept while the text is typed on, and aborted when nobody comes', async () => {
  const b = setUp();
  const { seat, model } = b.start(b.at('let x = ▮;'));
  const first = waiting(seat);
  b.at('let x = c▮;');
  first.leave();
  await first.answer;
  assert.equal(model.aborted, false);
  b.pass(300);
  const joined = b.flights.join(b.at('let x = ca▮;'), 1)!;
  const second = waiting(joined);
  b.pass(1000);
  assert.equal(model.aborted, false, 'somebody waits');
  second.leave();
  await second.answer;
  b.pass(1000);
  assert.equal(model.aborted, true);
  assert.equal(b.flights.join(b.at('let x = cal▮;'), 1), null);
});

test('called off without typing, it is aborted at once', async () => {
  const b = setUp();
  for (const after of ['let x = ▮;', 'let y = ▮;', 'let ▮;', 'x▮']) {
    const { seat, model } = b.start(b.at('let x = ▮;'));
    const one = waiting(seat);
    b.at(after);
    one.leave();
    await one.answer;
    assert.equal(model.aborted, true, after);
  }
  assert.equal(b.pending, 0);
});

test('typing that contradicts what was said so far aborts at once; what was not said yet is waited for', async () => {
  const b = setUp();
  const { seat, model } = b.start(b.at('▮'));
  const first = waiting(seat);
  model.say('ret');
  assert.equal(b.flights.join(b.at('return▮'), 1)?.typed, 'return');
  model.say('return fals');
  assert.equal(b.flights.join(b.at('return true▮'), 1), null);
  assert.equal(model.aborted, true);
  assert.equal(await first.answer, null);
});

test('an answer that comes between two keystrokes is kept for the next', async () => {
  const b = setUp();
  const { seat, model } = b.start(b.at('▮'));
  const first = waiting(seat);
  b.at('c▮');
  model.say('call()');
  model.end('call()');
  assert.equal(await first.answer, 'call()', 'it is the caller that sees that the document has changed');
  const joined = b.flights.join(b.at('ca▮'), 1);
  assert.equal(await joined?.answer(never()), 'call()');
  b.pass(1000);
  assert.equal(b.flights.join(b.at('cal▮'), 1), null);
});

test('an answer that was of use is not kept', async () => {
  const b = setUp();
  const { seat, model } = b.start(b.at('▮'));
  const first = waiting(seat);
  model.end('call()');
  await first.answer;
  assert.equal(b.flights.join(b.at('c▮'), 1), null);
  assert.equal(b.pending, 0);
});

test('the third makes the first go, and whoever waits for it hears', async () => {
  const b = setUp();
  const all = ['a▮', 'b▮', 'c▮'].map((text) => b.start(b.at(text)));
  const answers = all.map(({ seat }) => waiting(seat));
  assert.deepEqual(
    all.map(({ model }) => model.aborted),
    [true, false, false],
  );
  assert.equal(await answers[0]!.answer, null);
  all[1]!.model.end('one');
  all[2]!.model.end('two');
  assert.deepEqual([await answers[1]!.answer, await answers[2]!.answer], ['one', 'two']);
});

test('who wants several answers does not join a request for one, and nobody one that is not to be joined', () => {
  const b = setUp();
  b.start(b.at('▮'), 1);
  assert.equal(b.flights.join(b.at('c▮'), 3), null);
  assert.ok(b.flights.join(b.at('c▮'), 1));
  b.flights.close();
  b.start(b.at('▮'), 0);
  assert.equal(b.flights.join(b.at('c▮'), 1), null);
});

test('a bracket that the editor closed does not part them; other text after the cursor does', () => {
  const b = setUp();
  b.start(b.at('x = ▮\n'));
  assert.equal(b.flights.join(b.at('x = f(▮)\n'), 1)?.typed, 'f(');
  assert.equal(b.flights.join(b.at('x = f▮ + 1\n'), 1), null);
  assert.equal(b.flights.join({ ...b.at('x = f▮\n'), uri: 'b' }, 1), null);
});

test('a model that fails is heard by all, and closing aborts all', async () => {
  const b = setUp();
  const flights = b.flights;
  const seat = flights.start(b.at('▮'), { count: 1, run: () => Promise.reject(new Error('broken')) });
  await assert.rejects(seat.answer(never()), /broken/);
  const { seat: other, model } = b.start(b.at('▮'));
  const one = waiting(other);
  flights.close();
  assert.equal(await one.answer, null);
  assert.deepEqual([model.aborted, b.pending], [true, 0]);
});

test('a request that has said nothing for three seconds may be lost: nobody joins it, the model is asked anew', () => {
  const { flights, at, start, pass } = setUp();
  const { seat, model } = start(at('const ▮'));
  void waiting(seat).answer;
  pass(2999);
  assert.ok(flights.join(at('const a▮'), 1));
  pass(1);
  assert.equal(flights.join(at('const ab▮'), 1), null);
  model.say('abc');
  const speaking = start(at('const ab▮'));
  void waiting(speaking.seat).answer;
  speaking.model.say('c');
  pass(10_000);
  assert.ok(flights.join(at('const abc▮'), 1), 'one that speaks is slow, not lost');
});

test('requests of different arms ask different things, and do not join', () => {
  const t = setUp();
  const { model } = t.start({ ...t.at('a▮'), arm: 'control' } as Parameters<typeof t.start>[0]);
  model.say('bcd');
  const later = t.at('ab▮');
  assert.equal(t.flights.join({ ...later, arm: 'treated' }, 1), null);
  assert.equal(t.flights.join({ ...later, arm: 'control' }, 1)?.typed, 'b');
});
