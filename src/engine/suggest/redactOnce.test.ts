import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RedactOnce } from './redactOnce.ts';

test('a secret stays out the second time too, and after many other texts', () => {
  const redact = new RedactOnce();
  const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
  const first = redact.of(`const token = '${key}';`);
  assert.ok(!first.includes(key));
  for (let index = 0; index < 1000; index += 1) assert.equal(redact.of(`line ${index}`), `line ${index}`);
  assert.equal(redact.of(`const token = '${key}';`), first);
  assert.equal(redact.of(`const token = '${key}';`), first);
});
