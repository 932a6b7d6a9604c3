import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptRanges, revertMs } from './keptRanges.ts';
import type { LifecycleEvent } from './lifecycleEvent.ts';

const episode = { episodeId: 'e1', candidateId: 'c1', uri: 'file:///a.ts' };

function harness() {
  const clock = { now: 1000 };
  const events: LifecycleEvent[] = [];
  const kept = new KeptRanges({ now: () => clock.now, emit: (more) => events.push(...more) });
  return { clock, events, kept };
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
  const { kept, events, clock } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'taken');
  kept.changed(episode.uri, [{ offset: 30, length: 4, text: '' }], 'undo');
  kept.changed(episode.uri, [{ offset: 12, length: 1, text: '' }], 'other');
  clock.now += revertMs + 1;
  kept.changed(episode.uri, [{ offset: 10, length: 5, text: '' }], 'undo');
  assert.deepEqual(events, []);
});

test('undoing one’s own typing is not a verdict on a suggestion that was typed along', () => {
  const { kept, events } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'typed');
  kept.changed(episode.uri, [{ offset: 15, length: 5, text: '' }], 'undo');
  assert.deepEqual(events, []);
});

test('a document that was closed may have changed on disk: nothing is claimed about it', () => {
  const { kept } = harness();
  kept.keep({ ...episode, start: 10, end: 20 }, 'taken');
  kept.closed(episode.uri);
  assert.equal(kept.rangeOf('e1'), null);
});

test('a day of accepting does not grow memory without bound; the latest are kept', () => {
  const { kept } = harness();
  for (let index = 0; index < 500; index++)
    kept.keep({ ...episode, episodeId: `e${index}`, start: 0, end: 1 }, 'taken');
  assert.equal(kept.rangeOf('e0'), null);
  assert.ok(kept.rangeOf('e499'));
});
