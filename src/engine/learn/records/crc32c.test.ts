import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { slowCrc32c } from './testEvents.ts';

test('CRC-32C of the vectors of RFC 3720, B.4, and of “123456789”', () => {
  const of = (bytes: Iterable<number>): string => crc32c(Uint8Array.from(bytes)).toString(16).padStart(8, '0');
  assert.equal(of(new Array(32).fill(0)), '8a9136aa');
  assert.equal(of(new Array(32).fill(0xff)), '62a8ab43');
  assert.equal(of(Array.from({ length: 32 }, (_, i) => i)), '46dd794e');
  assert.equal(of(Array.from({ length: 32 }, (_, i) => 31 - i)), '113fdb5c');
  assert.equal(of(Buffer.from('123456789')), 'e3069283');
  assert.equal(of([]), '00000000');
});

test('the mask: a rotation by 15 and a constant, in 32 bits', () => {
  // Of the CRC 0: what is left is the constant itself.
  assert.equal(maskedCrc32c(new Uint8Array()), 0xa282ead8);
  assert.equal(maskedCrc32c(Buffer.from('123456789')), (0x2507c60d + 0xa282ead8) % 2 ** 32);
});

test('any bytes have the CRC that the definition gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => crc32c(bytes) === slowCrc32c(bytes)),
    { numRuns: 200 },
  );
});
