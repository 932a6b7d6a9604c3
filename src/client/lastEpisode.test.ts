import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastEpisode } from './lastEpisode.ts';

test('“rate last” means what the developer saw or took last, not what flew by unseen', () => {
  const last = new LastEpisode();
  assert.equal(last.current, null);
  last.hear([{ episodeId: 'seen', at: 1, type: 'shown' }]);
  last.hear([{ episodeId: 'unseen', at: 2, type: 'ignored', reason: 'superseded' }]);
  assert.equal(last.current, 'seen');
  last.hear([
    { episodeId: 'taken', at: 3, type: 'accepted' },
    { episodeId: 'seen', at: 3, type: 'retained' },
  ]);
  assert.equal(last.current, 'taken');
});
