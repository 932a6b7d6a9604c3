import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parseTokenizer, readTokenizer, type Tokenizer, TokenizerError } from './tokenizer.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/tensor/tokenizer/', import.meta.url));

interface Goldens {
  readonly encoded: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
    readonly decodedWithoutSpecials: string;
  }[];
  readonly prefixes: readonly { readonly ids: readonly number[]; readonly decoded: string }[];
}

const families = ['smollm2', 'qwen2'] as const;
const tokenizers = new Map<string, Tokenizer>();
for (const family of families) tokenizers.set(family, await readTokenizer(fixtures + family));

/** Llama 2's and TinyLlama's kind: “▁” for a space and before the text, bytes for what has no token. */
const sentencePiece = (() => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, '▁', 'a', 'b', '▁a', '▁▁', 'ab', '▁ab'];
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ['<unk>', '<s>', '</s>'].map(special),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [
        ['▁', 'a'],
        ['▁', '▁'],
        ['a', 'b'],
        ['▁', 'ab'],
      ],
    },
  };
})();
tokenizers.set(
  'sentencePiece',
  parseTokenizer('/m', JSON.stringify(sentencePiece), '{"bos_token":"<s>","eos_token":{"content":"</s>"}}'),
);

for (const family of families) {
  test(`${family}: tokens and texts are those of the tokenizers library`, () => {
    const tokenizer = tokenizers.get(family)!;
    const goldens: Goldens = JSON.parse(readFileSync(`${fixtures}${family}/goldens.json`, 'utf8'));
    assert.ok(goldens.encoded.length > 20);
    for (const { text, ids, decoded, decodedWithoutSpecials } of goldens.encoded) {
      assert.deepEqual(tokenizer.encode(text), ids, text);
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), decoded);
      assert.equal(tokenizer.decode(ids), decodedWithoutSpecials);
    }
    for (const { ids, decoded } of goldens.prefixes) {
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), decoded);
    }
    assert.deepEqual([tokenizer.size, tokenizer.bosId, tokenizer.eosId, tokenizer.padId], [559, null, 2, 0]);
    assert.deepEqual(tokenizer.specialIds, new Set([0, 1, 2]));
    assert.equal(tokenizer.idOf('<|im_start|>'), 1);
    assert.equal(tokenizer.idOf('no such token'), null);
  });
}

test('a tokenizer of Llama 2’s kind gives what the tokenizers library (0.23) gives', () => {
  const tokenizer = tokenizers.get('sentencePiece')!;
  const goldens: readonly [text: string, ids: readonly number[], decoded: string, withSpecials: string][] = [
    ['ab a b', [1, 262, 261, 262, 259, 261], 'ab a b', '<s> ab a b'],
    ['  a', [1, 263, 262], '  a', '<s>   a'],
    ['é\nab', [1, 259, 198, 172, 13, 264], 'é\nab', '<s> é\nab'],
    ['€', [1, 259, 229, 133, 175], '€', '<s> €'],
    ['', [1], '', '<s>'],
    ['a</s>b', [1, 262, 2, 259, 261], 'a b', '<s> a</s> b'],
  ];
  for (const [text, ids, decoded, withSpecials] of goldens) {
    assert.deepEqual(tokenizer.encode(text), ids, text);
    assert.equal(tokenizer.decode(ids), decoded);
    assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), withSpecials);
    assert.deepEqual(tokenizer.encode(text, { addSpecialTokens: false }), ids.slice(1));
  }
  assert.deepEqual([tokenizer.bosId, tokenizer.eosId, tokenizer.padId], [1, 2, null]);
});

for (const [name, tokenizer] of tokenizers) {
  const stream = (ids: readonly number[], skipSpecialTokens: boolean): string[] => {
    const text = tokenizer.stream({ skipSpecialTokens });
    return [...ids.map((id) => text.push(id)), text.end()];
  };
  // Ids without a token, too: models have more rows than there are tokens.
  const anyId = fc.integer({ min: 0, max: tokenizer.size + 3 });

  test(`${name}: pieces of a stream are together what all tokens are, for any tokens`, () => {
    fc.assert(
      fc.property(fc.array(anyId, { maxLength: 30 }), fc.boolean(), (ids, skipSpecialTokens) => {
        assert.equal(stream(ids, skipSpecialTokens).join(''), tokenizer.decode(ids, { skipSpecialTokens }));
      }),
      { numRuns: 1500 },
    );
  });

  test(`${name}: no piece has half a character, nothing waits longer than it must, and the text comes back`, () => {
    const unit = fc.oneof(
      fc.constantFrom(' ', '\n', 'a', 'b', 'ab', '\t'),
      fc.string({ unit: 'grapheme', maxLength: 2 }),
    );
    const text = fc.array(unit, { maxLength: 20 }).map((units) => units.join('').normalize('NFC'));
    fc.assert(
      fc.property(text, (given) => {
        fc.pre(!/[�▁\uFEFF]|<\/?s>|<unk>|<\|/.test(given));
        const ids = tokenizer.encode(given);
        const pieces = stream(ids, true);
        assert.equal(pieces.join(''), given);
        assert.ok(!pieces.some((piece) => piece.includes('�')));
        assert.ok(pieces.every((piece) => piece.isWellFormed()));
        assert.equal(pieces.at(-1), '', 'the last character waited for a token that need not come');
      }),
      { numRuns: 500 },
    );
  });
}

test('text with half a surrogate pair is encoded like any other', () => {
  for (const tokenizer of tokenizers.values()) {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 10 }), fc.constantFrom('\ud800', '\udc00'), (text, half) => {
        const ids = tokenizer.encode(text + half);
        assert.ok(ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.size));
      }),
      { numRuns: 60 },
    );
  }
});

test('code is not “cleaned up”', () => {
  const tokenizer = tokenizers.get('smollm2')!;
  const code = "f (a , b) ; // don 't ! .";
  assert.equal(tokenizer.decode(tokenizer.encode(code)), code);
});

const good = readFileSync(`${fixtures}smollm2/tokenizer.json`, 'utf8');
const changed = (change: object) => JSON.stringify({ ...JSON.parse(good), ...change });
const bad: readonly [what: string, tokenizer: string, config: string | null, message: RegExp][] = [
  ['cut off', good.slice(0, 5000), null, /“tokenizer\.json” is not valid JSON\. Download/],
  ['null', 'null', null, /“tokenizer\.json” is no tokenizer/],
  ['empty', '{}', null, /“tokenizer\.json” is no tokenizer: it has no valid “(model|model\.vocab|added_tokens)”/],
  ['tokens that are none', changed({ added_tokens: [{ id: -1, content: 'x' }] }), null, /“added_tokens\.0\.id”/],
  [
    'an id beyond all bounds',
    changed({ added_tokens: [{ id: 2 ** 40, content: 'x' }] }),
    null,
    /“added_tokens\.0\.id”/,
  ],
  [
    'an unknown decoder',
    changed({ decoder: { type: 'Riddle' } }),
    null,
    /could not be understood \(.*Riddle.*\)\. Download/,
  ],
  ['an unknown model', changed({ model: { type: 'Riddle', vocab: {} } }), null, /no valid “model\.type”/],
  ['no vocabulary', changed({ model: { type: 'BPE', merges: [] } }), null, /no valid “model\.vocab”/],
  [
    'a vocabulary beyond all bounds',
    changed({ model: { type: 'BPE', merges: [], vocab: { a: 4e9 } } }),
    null,
    /“model\.vocab”/,
  ],
  ['settings cut off', good, '{"eos', /“tokenizer_config\.json” is not valid JSON/],
  ['settings that are none', good, '7', /“tokenizer_config\.json” is not an object/],
  ['a token that is a number', good, '{"eos_token":5}', /“tokenizer_config\.json” has no valid “eos_token”/],
];

for (const [what, tokenizer, config, message] of bad) {
  test(`refused, with the file’s name and what to do: ${what}`, () => {
    assert.throws(
      () => parseTokenizer('/models/some', tokenizer, config),
      (error: unknown) => {
        assert.ok(error instanceof TokenizerError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('a folder without a tokenizer', async () => {
  await assert.rejects(readTokenizer('/nowhere/at all'), /“tokenizer\.json” is not there\. Download the model again/);
});
