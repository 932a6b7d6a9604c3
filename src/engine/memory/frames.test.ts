import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, scanFrames } from './frames.ts';

const record = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((text) => JSON.stringify({ record: 'event', value: text }));

test('what was written is read back, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(record), (lines) => {
      const scan = scanFrames(Buffer.concat(lines.map(encodeFrame)), 0);
      assert.deepEqual(scan.payloads.map(String), lines);
      assert.equal(scan.tailBytes, 0);
      assert.deepEqual(scan.damage, []);
    }),
  );
});

test('a damaged record costs no other one', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 2, maxLength: 8 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (lines, where, change) => {
        const frames = lines.map(encodeFrame);
        const bytes = Buffer.concat(frames);
        const at = where % bytes.length;
        bytes[at] = bytes[at]! ^ change;
        let start = 0;
        const whole = lines.filter((_, i) => {
          const end = start + frames[i]!.length;
          const hit = at >= start && at < end;
          start = end;
          return !hit;
        });
        const scan = scanFrames(bytes, 0);
        assert.deepEqual(scan.payloads.map(String), whole);
        assert.ok(scan.damage.length + Math.sign(scan.tailBytes) === 1);
      },
    ),
  );
});

test('a torn last record is cut off and nothing before it', () => {
  const lines = ['{"record":"a"}', '{"record":"b"}', '{"record":"c"}'];
  const bytes = Buffer.concat(lines.map(encodeFrame));
  const last = encodeFrame(lines[2]!).length;
  for (let cut = 1; cut < last; cut++) {
    const scan = scanFrames(bytes.subarray(0, bytes.length - cut), 0);
    assert.deepEqual(scan.payloads.map(String), lines.slice(0, 2));
    assert.equal(scan.end, bytes.length - last);
    assert.equal(scan.tailBytes, last - cut);
  }
});
