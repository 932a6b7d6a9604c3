import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import { EventOutbox } from './eventOutbox.ts';

const accepted = (episodeId: string): LifecycleEvent => ({ episodeId, at: 0, type: 'accepted' });

test('what is accepted while the engine restarts is not forgotten', () => {
  const sent: string[][] = [];
  let ready = true;
  const outbox = new EventOutbox(
    (events) => sent.push(events.map(({ episodeId }) => episodeId)),
    () => ready,
  );
  outbox.emit([accepted('a')]);
  ready = false;
  outbox.emit([accepted('b')]);
  outbox.emit([accepted('c')]);
  outbox.flush();
  outbox.flush();
  assert.deepEqual(sent, [['a'], ['b', 'c']]);
});

test('an engine that stays down does not fill the memory of the editor', () => {
  const sent: LifecycleEvent[] = [];
  const outbox = new EventOutbox(
    (events) => sent.push(...events),
    () => false,
  );
  for (let index = 0; index < 2000; index++) outbox.emit([accepted(`e${index}`)]);
  outbox.flush();
  assert.equal(sent.length, 500);
  assert.equal(sent.at(-1)?.episodeId, 'e1999');
});
