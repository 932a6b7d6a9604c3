import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerBytes, maxHeaderBytes, parseHeader, SafetensorsError } from './safetensorsHeader.ts';

/** Parses `header` (text, or a value for JSON) as that of a file with `dataBytes` behind it. */
function parse(header: unknown, dataBytes: number) {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  return parseHeader('/models/model.safetensors', json, 8 + json.length + dataBytes);
}

const f32 = (shape: unknown, from: unknown, to: unknown) => ({ dtype: 'F32', shape, data_offsets: [from, to] });

test('names, types, shapes and absolute offsets', () => {
  const header = {
    b: f32([2, 3], 0, 24),
    __metadata__: { format: 'pt' },
    a: f32([], 24, 28),
    empty: f32([0, 5], 24, 24),
  };
  const { tensors, metadata } = parse(header, 28);
  const start = 8 + JSON.stringify(header).length;
  assert.deepEqual(
    [...tensors],
    [
      ['b', { dtype: 'float32', shape: [2, 3], byteOffset: start, byteLength: 24 }],
      ['empty', { dtype: 'float32', shape: [0, 5], byteOffset: start + 24, byteLength: 0 }],
      ['a', { dtype: 'float32', shape: [], byteOffset: start + 24, byteLength: 4 }],
    ],
  );
  assert.deepEqual([...metadata], [['format', 'pt']]);
});

test('a tensor may lie at any byte', () => {
  const header = { a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] }, b: f32([1], 1, 5) };
  assert.equal(parse(header, 5).tensors.get('b')!.byteOffset % 4, (8 + JSON.stringify(header).length + 1) % 4);
});

const big = 2 ** 52;
const wrong: readonly [what: string, header: unknown, dataBytes: number, message: RegExp][] = [
  ['no JSON', '{"a":', 0, /not valid JSON/],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]).toString('latin1'), 0, /not valid JSON/],
  ['an array', '[]', 0, /does not begin with “\{”/],
  ['a space first', ' {}', 0, /does not begin with “\{”/],
  ['a name twice', '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061" :{}}', 4, /“a” is there twice/],
  ['a field twice', '{"a":{"dtype":"F32","dtype":"F16","shape":[],"data_offsets":[0,2]}}', 2, /“dtype” is there twice/],
  ['a tensor that is no object', { a: 5 }, 0, /“a” is not described by an object/],
  ['an unknown type', { a: { ...f32([], 0, 4), dtype: 'F99' } }, 4, /unknown element type “F99”/],
  ['no type', { a: { ...f32([], 0, 4), dtype: { toString: 1 } } }, 4, /has no element type/],
  ['a type of others', { a: { ...f32([1], 0, 1), dtype: 'F8_E4M3' } }, 1, /“F8_E4M3”, which is not supported\. Use a/],
  ['a negative size', { a: f32([-1], 0, 4) }, 4, /“a” has no valid shape/],
  ['a fraction', { a: f32([1.5], 0, 6) }, 6, /“a” has no valid shape/],
  ['a shape that is no list', { a: f32('1', 0, 4) }, 4, /“a” has no valid shape/],
  ['an overflowing shape', { a: f32([big, big], 0, 4) }, 4, /shape that overflows/],
  ['an overflow back to 0', { a: f32([2 ** 32, 2 ** 32], 0, 0) }, 0, /shape that overflows/],
  ['negative offsets', { a: f32([1], -4, 0) }, 4, /“a” has no valid offsets/],
  ['one offset', { a: { dtype: 'F32', shape: [], data_offsets: [0] } }, 4, /“a” has no valid offsets/],
  ['an end before the begin', { a: f32([1], 4, 0) }, 4, /“a” ends before it begins/],
  ['a length that is not the shape’s', { a: f32([2], 0, 4) }, 4, /“a” needs 8 bytes but has 4/],
  ['an overlap', { a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8, /“b” overlaps the tensor before it/],
  ['a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, /“b” leaves a hole before it/],
  ['too few bytes', { a: f32([2], 0, 8) }, 7, /is cut off/],
  ['too many bytes', { a: f32([2], 0, 8) }, 9, /1 bytes at its end belong to no tensor/],
  ['metadata that is no object', { __metadata__: [] }, 0, /“__metadata__” is not an object/],
  ['metadata that is no text', { __metadata__: { n: 1 } }, 0, /“n” of its “__metadata__” is not text/],
];

for (const [what, header, dataBytes, message] of wrong) {
  test(`refused, with its reason: ${what}`, () => {
    const bytes = what === 'not UTF-8' ? Buffer.from(header as string, 'latin1') : null;
    assert.throws(
      () => (bytes ? parseHeader('/m/model.safetensors', bytes, 8 + bytes.length) : parse(header, dataBytes)),
      (error: unknown) => {
        assert.ok(error instanceof SafetensorsError);
        assert.match(error.message, message);
        assert.match(error.message, /^“model\.safetensors” .*\. [A-Z].*\.$/s);
        return true;
      },
    );
  });
}

test('a name as long as the header is shortened in the message', () => {
  assert.throws(
    () => parse({ ['x\n'.repeat(100_000)]: 1 }, 0),
    (error: Error) => error.message.length < 250 && !error.message.includes('\n'),
  );
});

test('a header is never larger than its file, and never than the format allows', () => {
  const prefix = (bytes: bigint) => new Uint8Array(BigUint64Array.of(bytes).buffer);
  assert.equal(headerBytes('/m', prefix(92n), 100), 92);
  assert.throws(() => headerBytes('/m', prefix(93n), 100), /cut off: its header has 93 bytes, the whole file 100/);
  assert.throws(() => headerBytes('/m', prefix(BigInt(maxHeaderBytes) + 1n), 2e8), /no safetensors file/);
  assert.throws(() => headerBytes('/m', prefix(2n ** 64n - 1n), 100), /no safetensors file/);
  assert.throws(() => headerBytes('/m', new Uint8Array(5), 5), /cut off: it has 5 bytes/);
});

/** JSON that looks like a header, with anything at the places where anything may be. */
const almostHeader = fc
  .dictionary(
    fc.oneof(fc.string(), fc.constant('__metadata__'), fc.constant('__proto__')),
    fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          dtype: fc.oneof(fc.constantFrom('F32', 'BF16', 'I64', 'U16', 'toString'), fc.jsonValue()),
          shape: fc.oneof(fc.array(fc.oneof(fc.nat(4), fc.integer(), fc.double())), fc.jsonValue()),
          data_offsets: fc.oneof(fc.tuple(fc.nat(64), fc.nat(64)), fc.array(fc.double()), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    ),
  )
  .map((header) => Buffer.from(JSON.stringify(header)));

test('any bytes give a header that holds together, or the typed error', () => {
  fc.assert(
    fc.property(
      fc.oneof(almostHeader, fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from)),
      fc.nat(200),
      (json, dataBytes) => {
        const fileBytes = 8 + json.length + dataBytes;
        try {
          const { tensors } = parseHeader('/m', json, fileBytes);
          const sizes = [...tensors.values()].map(({ byteLength }) => byteLength);
          assert.equal(
            sizes.reduce((sum, size) => sum + size, 0),
            dataBytes,
          );
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('a header nested a million deep is refused, not a crash', () => {
  const json = Buffer.from(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`);
  assert.throws(() => parseHeader('/m', json, 8 + json.length), SafetensorsError);
});
