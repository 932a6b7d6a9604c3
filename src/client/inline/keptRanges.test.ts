import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import { KeptRanges, revertMs } from './keptRanges.ts';

const episode = { episodeId: 'e1', candidateId: 'c1', uri: 'file:///a.ts' };

/** A document, a clock with its timers, and the ranges followed in it. */
function harness(text = '0123456789return a+b;rest of the document') {
  const state = { now: 1000, text, open: true };
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const events: LifecycleEvent[] = [];
  const kept = new KeptRanges({
    now: () => state.now,
    schedule: (delayMs, run) => {
      const timer = { at: state.now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    textOf: (_uri, start, end) => (state.open ? state.text.slice(start, end) : null),
    emit: (more) => events.push(...more),
  });
  const wait = (ms: number): void => {
    const until = state.now + ms;
    for (;;) {
      const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      timers = timers.filter((one) => one !== due);
      state.now = due.at;
      due.run();
    }
    state.now = until;
  };
  const change = (offset: number, length: number, inserted: string, reason: 'undo' | 'other' = 'other'): void => {
    state.text = state.text.slice(0, offset) + inserted + state.text.slice(offset + length);
    kept.changed(episode.uri, [{ offset, length, text: inserted }], reason);
  };
  /** Keeps what stands from 10 to 21: `return a+b;`. */
  const keep = (how: 'taken' | 'typed' = 'taken') => kept.keep({ ...episode, start: 10, end: 21 }, how);
  const shares = () => events.filter(({ type }) => type === 'retained').map(({ afterMs, share }) => [afterMs, share]);
  return { state, events, kept, wait, change, keep, shares };
}

test('“what I wanted instead” follows the text through edits above it', () => {
  const { kept } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'taken');
  kept.changed(episode.uri, [{ offset: 0, length: 0, text: 'import x;\n' }], 'other');
  kept.changed('file:///other.ts', [{ offset: 0, length: 0, text: 'noise' }], 'other');
  assert.deepEqual(kept.rangeOf('e1'), { uri: episode.uri, start: 20, end: 30 });
  assert.equal(kept.rangeOf('e2'), null);
});

test('undo right after accepting counts as reverted, once', () => {
  const { kept, events } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'taken');
  kept.changed(episode.uri, [{ offset: 10, length: 10, text: '' }], 'undo');
  kept.changed(episode.uri, [{ offset: 5, length: 5, text: '' }], 'undo');
  assert.deepEqual(events, [{ episodeId: 'e1', candidateId: 'c1', at: 1000, type: 'reverted' }]);
});

test('undoing that something was taken away counts as reverted too', () => {
  const { kept, events } = harness();
  kept.keep({ ...episode, start: 10, end: 10 }, 'taken');
  kept.changed(episode.uri, [{ offset: 11, length: 0, text: 'else' }], 'undo');
  assert.deepEqual(events, []);
  kept.changed(episode.uri, [{ offset: 10, length: 0, text: 'back' }], 'undo');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['reverted'],
  );
});

test('undoing something else, undoing late, or deleting by hand is not a revert', () => {
  const { kept, events, state } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'taken');
  kept.changed(episode.uri, [{ offset: 30, length: 4, text: '' }], 'undo');
  kept.changed(episode.uri, [{ offset: 12, length: 1, text: '' }], 'other');
  state.now += revertMs + 1;
  kept.changed(episode.uri, [{ offset: 10, length: 5, text: '' }], 'undo');
  assert.deepEqual(events, []);
});

test('undoing one’s own typing is not a verdict on a suggestion that was typed along', () => {
  const { kept, events } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'typed');
  kept.changed(episode.uri, [{ offset: 15, length: 5, text: '' }], 'undo');
  assert.deepEqual(events, []);
});

test('what was pasted or typed, and turns out to have been taken with a key, can be reverted', () => {
  const { kept, events, keep, change } = harness();
  keep('typed');
  kept.confirm('e1');
  change(10, 11, '', 'undo');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['reverted'],
  );
});

test('after half a minute and after two it is known how much survived', () => {
  const { wait, keep, change, shares, events, state } = harness();
  keep();
  wait(29_999);
  assert.deepEqual(events, []);
  wait(1);
  change(10, 6, 'yield');
  wait(90_000);
  assert.deepEqual(
    events.map(({ type, text, afterMs }) => [type, text, afterMs]),
    [
      ['retained', 'return a+b;', 30_000],
      ['retained', 'yield a+b;', 120_000],
    ],
  );
  const [whole, part] = shares().map(([, share]) => share ?? -1);
  assert.equal(whole, 1);
  assert.ok(part! > 0 && part! < 0.6, `${part}`);
  assert.ok(state.text.startsWith('0123456789yield a+b;rest'));
});

test('what was deleted by hand did not survive; what was undone is not asked about again', () => {
  const deleted = harness();
  deleted.keep();
  deleted.change(10, 11, '');
  deleted.wait(120_000);
  assert.deepEqual(deleted.shares(), [
    [30_000, 0],
    [120_000, 0],
  ]);
  const undone = harness();
  undone.keep();
  undone.change(10, 11, '', 'undo');
  undone.wait(200_000);
  assert.deepEqual(
    undone.events.map(({ type }) => type),
    ['reverted'],
  );
});

test('a formatter that replaces the whole document takes nothing away', () => {
  const { keep, change, wait, shares, kept, state } = harness();
  keep();
  change(0, state.text.length, '01234 56789\n\treturn a + b;\nrest of the document');
  assert.deepEqual(kept.rangeOf('e1'), { uri: episode.uri, start: 13, end: 26 });
  wait(120_000);
  assert.deepEqual(shares(), [
    [30_000, 1],
    [120_000, 1],
  ]);
});

test('of a document that is closed nothing is claimed', () => {
  const { kept, keep, state, wait, shares } = harness();
  keep();
  kept.closed(episode.uri, state.text);
  state.open = false;
  assert.equal(kept.rangeOf('e1'), null);
  wait(120_000);
  assert.deepEqual(shares(), []);
});

test('a renamed file is followed on, in whichever order VS Code tells', () => {
  const moved = 'file:///folder/b.ts';
  for (const order of ['closedFirst', 'renamedFirst'] as const) {
    const { kept, keep, state, wait, shares } = harness();
    keep();
    if (order === 'renamedFirst') kept.renamed(episode.uri, moved);
    kept.closed(order === 'renamedFirst' ? moved : episode.uri, state.text);
    if (order === 'closedFirst') kept.renamed(episode.uri, moved);
    kept.opened(moved, state.text);
    assert.deepEqual(kept.rangeOf('e1'), { uri: moved, start: 10, end: 21 }, order);
    wait(30_000);
    assert.deepEqual(shares(), [[30_000, 1]], order);
  }
});

test('a document opened again is searched for the text; where it is gone it is forgotten', () => {
  const { kept, keep, state } = harness();
  keep();
  kept.closed(episode.uri, state.text);
  kept.opened(episode.uri, 'import x;\n0123456789\nreturn a+b;\nrest');
  assert.deepEqual(kept.rangeOf('e1'), { uri: episode.uri, start: 21, end: 32 });
  kept.closed(episode.uri, 'import x;\n0123456789\nreturn a+b;\nrest');
  kept.opened(episode.uri, 'checked out another branch');
  assert.equal(kept.rangeOf('e1'), null);
});

test('a day of accepting does not grow memory without bound; the latest are kept', () => {
  const { kept } = harness();
  for (let index = 0; index < 500; index++)
    kept.keep({ ...episode, episodeId: `e${index}`, start: 0, end: 1 }, 'taken');
  assert.equal(kept.rangeOf('e0'), null);
  assert.ok(kept.rangeOf('e499'));
});
