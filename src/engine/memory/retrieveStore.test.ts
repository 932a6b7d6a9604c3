import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Directive, Episode } from '../../protocol/episode.ts';
import { silentLog, systemClock, systemIds } from '../clock.ts';
import { hashedEmbedder } from './embedders/hashed.ts';
import { placeText } from './placeText.ts';
import { createRetriever } from './retrieve.ts';
import { openStore } from './store.ts';

const prefix = 'async function loadUser(userId) {\n  const user = await database.users.find(userId);\n  if (!user) ';
function episode(text: string, file: string): Episode {
  return {
    id: systemIds(),
    at: systemClock.now(),
    kind: 'inline',
    file,
    languageId: 'typescript',
    range: { startLine: 2, startCharacter: 13, endLine: 2, endCharacter: 13 },
    instruction: '',
    prefix,
    before: '',
    suffix: '\n}\n',
    candidates: [{ id: systemIds(), text, model: 'workspace' }],
    offered: 0,
    propensity: 1,
    examples: [],
  };
}

describe('retrieval over the real store', { timeout: 60_000 }, () => {
  it('follows what is added, forbidden, allowed and deleted, across a restart', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'attune-retrieval-'));
    const open = async () => {
      const store = await openStore({
        dir,
        rater: 'me',
        clock: systemClock,
        ids: systemIds,
        log: silentLog,
        maxBytes: 1e8,
        maxEpisodes: 1000,
      });
      const retriever = createRetriever({ store, embedder: hashedEmbedder(), dir, clock: systemClock, log: silentLog });
      const search = async (): Promise<string[]> => {
        const place = { instruction: '', prefix, before: '', suffix: '', languageId: 'typescript', file: 'src/d.ts' };
        const found = await retriever.search({
          text: placeText(place),
          languageId: 'typescript',
          file: 'src/d.ts',
          k: 9,
        });
        return found.map(({ entry }) => entry.episode.candidates[0]!.text).sort();
      };
      const close = async (): Promise<void> => {
        await retriever.close();
        await store.close();
      };
      return { store, search, close };
    };
    try {
      const first = await open();
      const [a, b, c] = [
        episode('return null;', 'src/a.ts'),
        episode('throw missing;', 'src/b.ts'),
        episode('exit(1);', 'src/c.ts'),
      ];
      for (const one of [a, b, c]) first.store.addEpisode(one);
      assert.deepEqual(await first.search(), ['exit(1);', 'return null;', 'throw missing;']);
      const direct = (episodeId: string, use: Directive['use']) =>
        first.store.direct([{ id: systemIds(), episodeId, at: systemClock.now(), use }]);
      await direct(b.id, 'never');
      await direct(c.id, 'deleted');
      assert.deepEqual(await first.search(), ['return null;']);
      await direct(b.id, 'allowed');
      assert.deepEqual(await first.search(), ['return null;', 'throw missing;']);
      await direct(a.id, 'never');
      await first.close();

      const second = await open();
      assert.deepEqual(await second.search(), ['throw missing;']);
      await second.store.reset();
      assert.deepEqual(await second.search(), []);
      await second.close();
      assert.deepEqual(
        readdirSync(dir).filter((name) => name.startsWith('vectors-')),
        [],
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
