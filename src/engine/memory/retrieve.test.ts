import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { v7 } from 'uuid';
import type { Episode, Event } from '../../protocol/episode.ts';
import { type Log, silentLog } from '../clock.ts';
import type { Embedder } from './embedder.ts';
import { hashedEmbedder } from './embedders/hashed.ts';
import { placeText } from './placeText.ts';
import { createRetriever, type Query, type RetrievalStore } from './retrieve.ts';
import type { StoredEpisode } from './store.ts';
import { vectorFileName } from './vectorFile.ts';

const root = mkdtempSync(join(tmpdir(), 'attune-retrieve-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => mkdtempSync(join(root, `${folders++}-`));

const day = 24 * 3600 * 1000;
const clock = { time: 1000 * day, now: () => clock.time };

/** The part of the store that retrieval sees, in memory. */
class MemoryStore implements RetrievalStore {
  readonly all = new Map<string, StoredEpisode>();
  readonly #listeners = new Set<Parameters<RetrievalStore['onChange']>[0]>();
  get(id: string): StoredEpisode | null {
    return this.all.get(id) ?? null;
  }
  *entries(): Iterable<StoredEpisode> {
    yield* [...this.all.values()].reverse();
  }
  onChange(listener: Parameters<RetrievalStore['onChange']>[0]): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  put(...entries: StoredEpisode[]): void {
    const changed = entries.map(({ episode }) => episode.id).filter((id) => this.all.has(id));
    const added = entries.map(({ episode }) => episode.id).filter((id) => !this.all.has(id));
    for (const entry of entries) this.all.set(entry.episode.id, entry);
    this.#tell({ added, changed, removed: [] });
  }
  remove(...removed: string[]): void {
    for (const id of removed) this.all.delete(id);
    this.#tell({ added: [], changed: [], removed });
  }
  #tell(change: { added: string[]; changed: string[]; removed: string[] }): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const range = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
function entry(
  text: string,
  more: Partial<Episode> & { type?: Event['type']; forbidden?: boolean } = {},
): StoredEpisode {
  const { type = 'accepted', forbidden = false, ...episodeParts } = more;
  const candidate = { id: v7(), text, model: 'workspace' };
  const episode: Episode = {
    id: v7(),
    at: clock.time,
    kind: 'inline',
    file: 'src/user.ts',
    languageId: 'typescript',
    range,
    instruction: '',
    prefix: '',
    before: '',
    suffix: '',
    candidates: [candidate],
    offered: 0,
    propensity: 1,
    examples: [],
    ...episodeParts,
  };
  const event: Event = { id: v7(), episodeId: episode.id, candidateId: candidate.id, at: episode.at, type };
  return { episode, events: [event], rating: null, otherRatings: [], forbidden };
}

const users = 'async function loadUser(userId) {\n  const user = await database.users.find(userId);\n  if (!user) ';
const orders =
  'async function loadOrder(orderId) {\n  const order = await database.orders.find(orderId);\n  if (!order) ';
const pixels = 'void main() {\n  vec4 colour = texture2D(sampler, uv);\n  gl_FragColor = colour * brightness;\n  ';

function queryAt(prefix: string, more: Partial<Query> = {}): Query {
  const place = { instruction: '', prefix, before: '', suffix: '', languageId: 'typescript', file: 'src/user.ts' };
  return { text: placeText(place), languageId: 'typescript', file: 'src/user.ts', k: 4, ...more };
}

/** An embedder that is not instant, with a gate in front and failures on demand; its vectors are the built-in ones. */
function slowEmbedder(name: string) {
  const inner = hashedEmbedder();
  const state = { open: true, fails: null as string | null, closed: false, calls: 0, waiting: [] as (() => void)[] };
  const embedder: Embedder = {
    identity: `semantic:${name}`,
    dimensions: inner.dimensions,
    async embed(texts, signal) {
      state.calls++;
      if (!state.open) {
        await new Promise<void>((resolve) => {
          state.waiting.push(resolve);
          signal?.addEventListener('abort', () => resolve());
        });
      }
      signal?.throwIfAborted();
      if (state.fails !== null) throw new Error(state.fails);
      return texts.map((text) => inner.embedNow(text));
    },
    async close() {
      state.closed = true;
    },
  };
  const release = (): void => {
    state.open = true;
    for (const resolve of state.waiting.splice(0)) resolve();
  };
  return { embedder, state, release };
}

function retrieverOn(store: RetrievalStore, more: Partial<Parameters<typeof createRetriever>[0]> = {}) {
  return createRetriever({ store, embedder: hashedEmbedder(), dir: newFolder(), clock, log: silentLog, ...more });
}
const texts = (found: readonly { entry: StoredEpisode }[]): string[] =>
  found.map((item) => item.entry.episode.candidates[0]!.text);

describe('finding examples', { timeout: 60_000 }, () => {
  it('finds the similar place and nothing rather than an irrelevant one', async () => {
    const store = new MemoryStore();
    store.put(
      entry('throw new NotFound();', { prefix: orders, file: 'src/order.ts' }),
      entry('discard;', { prefix: pixels, file: 'a.frag', languageId: 'glsl' }),
    );
    const retriever = retrieverOn(store);
    const found = await retriever.search(queryAt(users));
    assert.deepEqual(texts(found), ['throw new NotFound();']);
    assert.ok(found[0]!.similarity > 0.3 && found[0]!.similarity < 1);
    assert.deepEqual(await retriever.search(queryAt('zzz qqq xxx', { file: '', languageId: 'latex' })), []);
    assert.deepEqual(await retriever.search(queryAt(users, { k: 0 })), []);
    assert.deepEqual(await retriever.search(queryAt(users, { minSimilarity: 0.999 })), []);
    await retriever.close();
  });

  it('finds what was stored a moment ago, without waiting for the background', async () => {
    const store = new MemoryStore();
    const retriever = retrieverOn(store);
    await retriever.idle();
    store.put(entry('return null;', { prefix: orders }));
    assert.deepEqual(texts(await retriever.search(queryAt(users))), ['return null;']);
    await retriever.close();
  });

  it('never returns what is forbidden, has a forbidden text, or is deleted', async () => {
    const store = new MemoryStore();
    const bad = entry('eval(input);', { prefix: users });
    const sameText = entry('  eval(input);\n', { prefix: orders, file: 'src/order.ts' });
    const deleted = entry('return undefined;', { prefix: users, file: 'src/x.ts' });
    const good = entry('return null;', { prefix: users, file: 'src/y.ts' });
    store.put(bad, sameText, deleted, good);
    const retriever = retrieverOn(store);
    assert.equal((await retriever.search(queryAt(users))).length, 4);
    store.put({ ...bad, forbidden: true });
    store.remove(deleted.episode.id);
    assert.deepEqual(texts(await retriever.search(queryAt(users))), ['return null;']);
    store.put(bad);
    assert.equal((await retriever.search(queryAt(users))).length, 3, 'allowed again');
    await retriever.close();
  });

  it('asks the caller which entries will do, and goes on looking until there are enough', async () => {
    const store = new MemoryStore();
    store.put(
      ...Array.from({ length: 120 }, (_, i) =>
        entry(`rejected ${i}`, { prefix: users, file: `r${i}.ts`, type: 'rejected' }),
      ),
    );
    store.put(entry('wanted', { prefix: orders, file: 'src/order.ts' }));
    const retriever = retrieverOn(store);
    await retriever.idle();
    const accept = ({ events }: StoredEpisode) => events[0]!.type === 'accepted';
    assert.deepEqual(texts(await retriever.search(queryAt(users, { accept }))), ['wanted']);
    await retriever.close();
  });

  it('brings some of the newest that are similar enough too, wanted, each once and last', async () => {
    const store = new MemoryStore();
    const near = Array.from({ length: 40 }, (_, i) => entry(`near ${i}`, { prefix: users, file: `n${i}.ts` }));
    const newer = Array.from({ length: 3 }, (_, i) => entry(`newer ${i}`, { prefix: orders, file: `o${i}.ts` }));
    const other = entry('discard;', { prefix: pixels, file: 'a.frag', languageId: 'glsl' });
    const unwanted = entry('unwanted', { prefix: orders, file: 'u.ts', type: 'rejected' });
    store.put(...near, ...newer, other, unwanted);
    const retriever = retrieverOn(store);
    const accept = ({ events }: StoredEpisode) => events[0]!.type === 'accepted';
    const alone = texts(await retriever.search(queryAt(users, { k: 4, accept })));
    assert.ok(alone.length === 4 && alone.every((text) => text.startsWith('near')), alone.join());
    const both = texts(await retriever.search(queryAt(users, { k: 4, latest: 2, accept })));
    assert.deepEqual(both, [...alone, 'newer 2', 'newer 1']);
    const many = texts(await retriever.search(queryAt(users, { k: 4, latest: 100, accept })));
    assert.equal(many.length, 43);
    assert.equal(new Set(many).size, 43);
    await retriever.close();
  });

  it('leaves out an edit that a newer accepted one of the same lines replaced', async () => {
    const store = new MemoryStore();
    const above = 'export class Users {\n  list() {\n';
    const before = '    const rows = this.database.query(sql);\n    return rows.map(toUser);';
    const first = entry('    const rows = await this.database.query(sql);\n    return rows.map(toUser);', {
      kind: 'edit',
      prefix: above,
      before,
      at: clock.time - 3 * day,
    });
    const second = entry('    return this.repository.listUsers();', {
      kind: 'edit',
      prefix: above,
      before: first.episode.candidates[0]!.text,
      at: clock.time - 2 * day,
    });
    const undone = entry('    return [];', {
      kind: 'edit',
      prefix: above,
      before: second.episode.candidates[0]!.text,
      at: clock.time - day,
      type: 'reverted',
    });
    const elsewhere = entry('    const rows = await this.database.query(sql);', {
      kind: 'edit',
      prefix: above,
      before,
      at: clock.time - 3 * day,
      file: 'src/other.ts',
    });
    store.put(first, second, undone, elsewhere);
    const retriever = retrieverOn(store);
    const query = {
      ...queryAt(''),
      text: placeText({
        instruction: '',
        prefix: above,
        before,
        suffix: '',
        languageId: 'typescript',
        file: 'src/user.ts',
      }),
    };
    const found = (await retriever.search({ ...query, accept: (item) => item !== undone })).map((item) => item.entry);
    assert.ok(!found.includes(first), 'replaced');
    assert.ok(found.includes(second), 'what was undone replaces nothing');
    assert.ok(found.includes(elsewhere), 'another file');
    await retriever.close();
  });

  it('gives up at once when the caller does, and after close', async () => {
    const retriever = retrieverOn(new MemoryStore());
    await assert.rejects(retriever.search(queryAt(users), AbortSignal.abort()), { name: 'AbortError' });
    await retriever.close();
    await assert.rejects(retriever.search(queryAt(users)), { name: 'AbortError' });
    await retriever.close();
  });
});

describe('changing the embedder', { timeout: 60_000 }, () => {
  const many = (): StoredEpisode[] =>
    Array.from({ length: 100 }, (_, i) => entry(`text ${i}`, { prefix: `${users}step${i}`, file: `src/${i}.ts` }));

  it('answers with the old vectors until the new ones are complete', async () => {
    const store = new MemoryStore();
    store.put(...many());
    const retriever = retrieverOn(store);
    await retriever.idle();
    const { embedder, state, release } = slowEmbedder('new');
    state.open = false;
    retriever.setEmbedder(embedder);
    assert.equal((await retriever.search(queryAt(users))).length, 4);
    assert.match(retriever.identity, /^hashed:/);
    const late = entry('late', { prefix: orders, file: 'src/late.ts' });
    const gone = [...store.all.keys()][0]!;
    store.put(late);
    store.remove(gone);
    release();
    await retriever.idle();
    assert.equal(retriever.identity, 'semantic:new');
    assert.equal(retriever.embedded, 100, 'one came, one went');
    assert.ok(texts(await retriever.search(queryAt(orders, { k: 1 }))).includes('late'));
    retriever.setEmbedder(hashedEmbedder());
    await retriever.idle();
    assert.match(retriever.identity, /^hashed:/);
    assert.equal(state.closed, true);
    await retriever.close();
  });

  it('keeps answering, and says once why, when the new embedder can’t run', async () => {
    const store = new MemoryStore();
    store.put(...many());
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    const retriever = retrieverOn(store, { log });
    const { embedder, state } = slowEmbedder('broken');
    state.fails = 'no runtime here';
    retriever.setEmbedder(embedder);
    await retriever.idle();
    store.put(entry('one more', { prefix: orders, file: 'more.ts' }));
    await retriever.idle();
    assert.equal((await retriever.search(queryAt(users))).length, 4);
    assert.match(retriever.identity, /^hashed:/);
    assert.deepEqual(warnings, ['Examples: no runtime here']);
    state.fails = null;
    store.put(entry('and another', { prefix: orders, file: 'another.ts' }));
    await retriever.idle();
    assert.equal(retriever.identity, 'semantic:broken', 'tried again with the next change');
    await retriever.close();
  });

  it('falls back to the built-in embedder while the process of the semantic one is down', async () => {
    const store = new MemoryStore();
    store.put(...many());
    const { embedder, state } = slowEmbedder('crashing');
    const retriever = retrieverOn(store, { embedder });
    await retriever.idle();
    assert.equal(retriever.identity, 'semantic:crashing');
    state.fails = 'its process ended';
    assert.ok((await retriever.search(queryAt(users))).length > 0, 'at once');
    await retriever.idle();
    assert.equal((await retriever.search(queryAt(users))).length, 4);
    state.fails = null;
    assert.equal((await retriever.search(queryAt(users))).length, 4);
    await retriever.close();
  });

  it('can be cancelled and closed while an embedder hangs', async () => {
    const store = new MemoryStore();
    store.put(...many());
    const { embedder, state } = slowEmbedder('hanging');
    const retriever = retrieverOn(store, { embedder });
    await retriever.idle();
    state.open = false;
    const controller = new AbortController();
    const search = retriever.search(queryAt(users), controller.signal);
    controller.abort();
    await assert.rejects(search, { name: 'AbortError' });
    store.put(entry('new', { prefix: users }));
    await retriever.close();
    assert.equal(state.closed, true);
  });
});

describe('vectors between sessions', { timeout: 60_000 }, () => {
  it('are not made again, except of what is new, and lose what was deleted meanwhile', async () => {
    const store = new MemoryStore();
    store.put(entry('a', { prefix: users, file: 'a.ts' }), entry('b', { prefix: orders, file: 'b.ts' }));
    const dir = newFolder();
    const first = slowEmbedder('same');
    const before = retrieverOn(store, { dir, embedder: first.embedder });
    await before.idle();
    await before.close();

    store.remove([...store.all.keys()][0]!);
    store.put(entry('c', { prefix: users, file: 'c.ts' }));
    const second = slowEmbedder('same');
    const retriever = retrieverOn(store, { dir, embedder: second.embedder });
    await retriever.idle();
    assert.equal(second.state.calls, 1, 'only the new one');
    assert.equal(retriever.identity, 'semantic:same');
    assert.equal(retriever.embedded, 2);
    await retriever.close();
    assert.deepEqual(readdirSync(dir), [vectorFileName('semantic:same')]);

    store.remove(...store.all.keys());
    const third = retrieverOn(store, { dir, embedder: slowEmbedder('same').embedder });
    await third.idle();
    await third.close();
    assert.deepEqual(readdirSync(dir), [], 'nothing is left of the deleted');
  });

  it('vanish from the disk when everything is deleted', async () => {
    const store = new MemoryStore();
    store.put(...Array.from({ length: 600 }, (_, i) => entry(`text ${i}`, { prefix: `${users}step${i}` })));
    const dir = newFolder();
    const retriever = retrieverOn(store, { dir });
    await retriever.idle();
    assert.equal(readdirSync(dir).length, 1);
    store.remove(...store.all.keys());
    await retriever.idle();
    assert.deepEqual(readdirSync(dir), []);
    assert.equal(retriever.embedded, 0);
    await retriever.close();
  });

  it('are made anew when the file is damaged or the folder is gone', async () => {
    const store = new MemoryStore();
    store.put(entry('a', { prefix: users }));
    const dir = newFolder();
    writeFileSync(join(dir, vectorFileName(hashedEmbedder().identity)), 'garbage');
    const retriever = retrieverOn(store, { dir });
    assert.deepEqual(texts(await retriever.search(queryAt(users))), ['a']);
    rmSync(dir, { recursive: true });
    await retriever.close();
  });
});
