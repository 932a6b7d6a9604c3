import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { dot } from '../vectors.ts';
import { isKeyword, subTokens } from './codeFeatures.ts';
import { hashedEmbedder } from './hashed.ts';

const packages = ['@huggingface/transformers/src', 'openai', 'vscode-jsonrpc/lib', 'ollama/dist', 'diff/libesm'];
const modules = join(dirname(fileURLToPath(import.meta.url)), '../../../../node_modules');

/** mulberry32 */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Functions and methods of 10 to 60 lines, different from each other, out of the packages' own sources. */
function realFunctions(): string[] {
  const found = new Set<string>();
  const header = /^(\s*)(?:export |async |static |private |protected |public |function )*[\w$#*]+ ?\([^;]*\{$/;
  for (const folder of packages) {
    const files = readdirSync(join(modules, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(m?js|ts)$/.test(name) && !/\.d\.ts$|min\./.test(name)).sort()) {
      const path = join(modules, folder, file);
      if (file.includes('node_modules')) continue;
      const lines = readFileSync(path, 'utf8').split('\n');
      for (let start = 0; start < lines.length; start++) {
        const match = header.exec(lines[start]!);
        if (!match || /^\s*(if|for|while|switch|catch)\b/.test(lines[start]!)) continue;
        const length =
          lines.slice(start, start + 61).findIndex((line, i) => i > 0 && line.startsWith(`${match[1]}}`)) + 1;
        if (length < 10 || length > 60) continue;
        found.add(lines.slice(start, start + length).join('\n'));
        start += length - 1;
      }
    }
  }
  return [...found];
}

/** The same code as another hand would write it: other spaces, and most names in the other case style, inflected or cut. */
function restyled(text: string, random: () => number): string {
  const renamed = new Map<string, string>();
  const rename = (name: string): string => {
    const parts = subTokens(name);
    const way = random();
    if (way < 0.3) return name;
    if (way < 0.65 && parts.length > 1) {
      return name.includes('_')
        ? parts.map((part, i) => (i ? part[0]!.toUpperCase() + part.slice(1) : part)).join('')
        : parts.join('_');
    }
    if (way < 0.82) return name + (name.endsWith('s') ? 'List' : 's');
    return parts.length > 1 ? parts.slice(1).join('_') : `my${name[0]!.toUpperCase()}${name.slice(1)}`;
  };
  const named = text.replace(/[A-Za-z_$][\w$]*/g, (name) => {
    if (isKeyword(name) || name.length < 3) return name;
    if (!renamed.has(name)) renamed.set(name, rename(name));
    return renamed.get(name)!;
  });
  return named.replace(/ {4}/g, '  ').replace(/ = /g, '=');
}

const half = (text: string, which: 'first' | 'second'): string => {
  const lines = text.split('\n');
  const middle = Math.ceil(lines.length / 2);
  return (which === 'first' ? lines.slice(0, middle) : lines.slice(middle)).join('\n');
};

/** Share of queries whose own document is among the four most similar of all; ties count against it. */
function recallAt4(queries: number, similarity: (query: number, document: number) => number): number {
  let found = 0;
  for (let query = 0; query < queries; query++) {
    const own = similarity(query, query);
    let better = 0;
    for (let other = 0; other < queries; other++) if (other !== query && similarity(query, other) >= own) better++;
    if (better < 4) found++;
  }
  return found / queries;
}

/** Cosine of exact, unhashed word counts: what plain text search would do. `code`: words only, no keywords, damped. */
function bagOfWords(text: string, kind: 'plain' | 'code'): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of text.match(/[A-Za-z_$][\w$]*|\S/g) ?? []) {
    if (kind === 'plain' || (/^[\w$]/.test(word) && !isKeyword(word))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  if (kind === 'code') for (const [word, count] of counts) counts.set(word, 1 + Math.log(count));
  const length = Math.hypot(...counts.values()) || 1;
  return new Map([...counts].map(([word, count]) => [word, count / length]));
}
function cosine(a: Map<string, number>, b: Map<string, number>): number {
  let sum = 0;
  for (const [word, value] of a) sum += value * (b.get(word) ?? 0);
  return sum;
}

const embedder = hashedEmbedder();

describe('the built-in embedder', () => {
  it('finds the rest of a function, also when it is written in another style, where plain text search does not', (t) => {
    const random = uniform(7);
    const functions = realFunctions()
      .map((text) => ({ text, order: random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, 400)
      .map(({ text }) => text);
    assert.equal(functions.length, 400, 'the packages hold enough functions');
    const firstHalves = functions.map((f) => half(f, 'first'));
    const secondHalves = functions.map((f) => half(f, 'second'));
    const rewritten = firstHalves.map((f) => restyled(f, random));
    // `least`: ours. `plain`, `code`: what text search must stay below, or the task would show nothing. Where names are kept
    // exactly, damped counts of the code words are as good as ours; they are lost once the names change.
    const tasks = [
      { name: 'other half', queries: firstHalves, documents: secondHalves, least: 0.7, plain: 0.5, code: 1 },
      { name: 'restyled half', queries: rewritten, documents: functions, least: 0.96, plain: 0.94, code: 0.94 },
      { name: 'restyled other half', queries: rewritten, documents: secondHalves, least: 0.6, plain: 0.5, code: 0.5 },
    ];
    for (const { name, queries, documents, least, ...most } of tasks) {
      const q = queries.map((text) => embedder.embedNow(text));
      const d = documents.map((text) => embedder.embedNow(text));
      const hashed = recallAt4(q.length, (a, b) => dot(q[a]!, d[b]!));
      const words = (kind: 'plain' | 'code'): number => {
        const queryBags = queries.map((text) => bagOfWords(text, kind));
        const documentBags = documents.map((text) => bagOfWords(text, kind));
        return recallAt4(q.length, (a, b) => cosine(queryBags[a]!, documentBags[b]!));
      };
      const plain = words('plain');
      const code = words('code');
      t.diagnostic(
        `${name}: recall@4 ${hashed.toFixed(3)}; plain words ${plain.toFixed(3)}, code words ${code.toFixed(3)}`,
      );
      assert.ok(hashed >= least, `${name}: recall@4 ${hashed} < ${least}`);
      assert.ok(plain < most.plain && code < most.code, `${name}: words alone reach ${plain} and ${code}; too easy`);
    }
  });

  it('holds related code above the least similarity and unrelated code below', (t) => {
    const functions = realFunctions().slice(0, 1500);
    const vectors = functions.map(
      (text) => [embedder.embedNow(half(text, 'first')), embedder.embedNow(half(text, 'second'))] as const,
    );
    const related = vectors.filter(([a, b]) => dot(a, b) >= 0.25).length / vectors.length;
    const unrelated =
      vectors.filter(([a], i) => dot(a, vectors[(i + 701) % vectors.length]![1]) >= 0.25).length / vectors.length;
    t.diagnostic(`${related.toFixed(3)} of related pairs, ${unrelated.toFixed(3)} of unrelated ones`);
    assert.ok(related > 0.9, `${related} of related pairs`);
    assert.ok(unrelated < 0.12, `${unrelated} of unrelated pairs`);
  });

  it('sees that code about another thing does the same', () => {
    const about = (thing: string, things: string): string =>
      `async function load${thing}(${things}Id) {\n  const found = await database.${things}.find(${things}Id);\n  if (!found) `;
    const order = embedder.embedNow(about('Order', 'orders'));
    const same = dot(embedder.embedNow(about('User', 'users')), order);
    const other = dot(
      embedder.embedNow('for (let i = 0; i < pixels.length; i += 4) {\n  grey[i] = pixels[i] * 0.3 + '),
      order,
    );
    assert.ok(same > 0.4 && other < 0.2, `${same} and ${other}`);
  });

  it('takes the same name in another case style for nearly the same', () => {
    const base = embedder.embedNow('const userName = readUserName(requestBody);');
    const snake = embedder.embedNow('user_name = read_user_name(request_body)');
    const other = embedder.embedNow('const pixelRatio = measureCanvas(windowFrame);');
    assert.ok(dot(base, snake) > 0.6, `${dot(base, snake)}`);
    assert.ok(dot(base, other) < 0.35, `${dot(base, other)}`);
  });

  it('gives unit vectors that depend on nothing but the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const vector = embedder.embedNow(text);
        const again = hashedEmbedder().embedNow(text);
        assert.deepEqual(vector, again);
        const length = Math.sqrt(dot(vector, vector));
        assert.ok(Math.abs(length - 1) < 1e-5 || length === 0);
        assert.equal(vector.length, embedder.dimensions);
      }),
    );
    assert.notEqual(hashedEmbedder({ dimensions: 256 }).identity, embedder.identity);
  });

  it('stops when the search was given up', async () => {
    await assert.rejects(embedder.embed(['a', 'b'], AbortSignal.abort()), { name: 'AbortError' });
    assert.equal((await embedder.embed(['a', 'b'])).length, 2);
  });

  it('splits names where people do', () => {
    assert.deepEqual(subTokens('parseHTTPRequest2'), ['parse', 'http', 'request', '2']);
    assert.deepEqual(subTokens('__init_db__'), ['init', 'db']);
    assert.deepEqual(subTokens('MAX_LENGTH'), ['max', 'length']);
    assert.deepEqual(subTokens('größeÄndern'), ['größe', 'ändern']);
    assert.deepEqual(subTokens('$'), []);
  });
});
