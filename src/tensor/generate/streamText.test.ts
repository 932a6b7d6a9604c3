import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import type { SampledToken } from './sampling.ts';
import type { StreamEnd } from './stream.ts';
import { streamText, type TextEnd } from './streamText.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/tensor/tokenizer/qwen2');
const json = (name: string): object => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
const decode = (tokens: number[]): string => tokenizer.decode(tokens, { skip_special_tokens: true });

let given = 0;
async function* tokensOf(tokens: readonly number[]): AsyncGenerator<SampledToken, StreamEnd> {
  for (given = 0; given < tokens.length; ) {
    yield { token: tokens[given++]!, logProbability: 0, samplingLogProbability: 0 };
  }
  return 'length';
}

async function collect(text: string, stopStrings: readonly string[] = []): Promise<{ pieces: string[]; end: TextEnd }> {
  const pieces: string[] = [];
  const iterator = streamText(tokensOf(tokenizer.encode(text).ids), { decode, stopStrings });
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) return { pieces, end: value };
    pieces.push(value);
  }
}

describe('streaming text', () => {
  const sample = 'const naïve = "déjà vu 😀 日本語";\n\treturn  naïve;\n';

  it('puts together what the tokenizer took apart, never half a character', async () => {
    const { pieces, end } = await collect(sample);
    assert.equal(pieces.join(''), sample);
    assert.equal(end, 'length');
    assert.ok(pieces.length > 10, 'in pieces');
    assert.ok(pieces.every((piece) => piece.isWellFormed() && !piece.includes('\uFFFD')));
  });

  it('shows what is no character when nothing comes after it', async () => {
    const { ids } = tokenizer.encode('日');
    assert.ok(ids.length > 1);
    const pieces: string[] = [];
    for await (const piece of streamText(tokensOf(ids.slice(0, -1)), { decode })) pieces.push(piece);
    assert.equal(pieces.join(''), '\uFFFD');
  });

  it('ends before the first stop string, also where tokens cut it', async () => {
    const { pieces, end } = await collect(sample, ['vu 😀', ';\n', '']);
    assert.equal(pieces.join(''), 'const naïve = "déjà ');
    assert.equal(end, 'stopString');
    assert.ok(given < tokenizer.encode(sample).ids.length, 'no more tokens were asked for');
  });

  it('holds back only what may become a stop string', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é'), maxLength: 40 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(stop, { maxLength: 3 }), async (whole, stops) => {
        const { pieces } = await collect(whole, stops);
        // The one that is complete first ends the text; of two complete at once the longer.
        const found = stops.filter((each) => whole.includes(each)).map((each) => [whole.indexOf(each), each.length]);
        const end = Math.min(...found.map(([place, length]) => place! + length!));
        const places = found.filter(([place, length]) => place! + length! === end).map(([place]) => place!);
        assert.equal(pieces.join(''), whole.slice(0, Math.min(whole.length, ...places)));
      }),
    );
  });
});
