import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactSecrets } from '../workspace/redact.ts';
import { redactPlace, restoreSecrets } from './redactPlace.ts';
import { marked } from './testing/marked.ts';

const token = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');

test('secrets around the place are taken out', () => {
  const place = redactPlace(marked(`const key = "${token}";\n▮\nconst other = "${token}";\n`));
  assert.equal(place.prefix, 'const key = "<redacted>";\n');
  assert.equal(place.suffix, '\nconst other = "<redacted>";\n');
  assert.equal(place.insideSecret, false);
});

test('a secret that the cursor stands in is noticed, and neither half leaks', () => {
  const half = 20;
  const place = redactPlace(marked(`const key = "${token.slice(0, half)}▮${token.slice(half)}";\n`));
  assert.equal(place.insideSecret, true);
  assert.ok(!(place.prefix + place.suffix).includes(token.slice(4, half)));
  assert.ok(!(place.prefix + place.suffix).includes(token.slice(half, half + 10)));
});

test('code without secrets stays as it is', () => {
  const place = marked('const a = 1;\n▮\nconst b = 2;');
  const { prefix, before, suffix } = redactPlace(place);
  assert.deepEqual({ prefix, before, suffix }, { prefix: place.prefix, before: place.before, suffix: place.suffix });
});

test('an edit gets its secrets back where the placeholders stand', () => {
  const original = `const key = "${token}";\nconst password = "hunter2-very-long";\nuse(key);`;
  const answer = 'export const key = "<redacted>";\nexport const password = "<redacted>";\nuse(key, password);';
  assert.equal(
    restoreSecrets(answer, original),
    `export const key = "${token}";\nexport const password = "hunter2-very-long";\nuse(key, password);`,
  );
});

test('with a placeholder too many or too few nothing is guessed', () => {
  const original = `a = "${token}";`;
  assert.equal(restoreSecrets('a = "<redacted>"; b = "<redacted>";', original), null);
  assert.equal(restoreSecrets('a = read();', original), 'a = read();');
});

test('wherever a text is cut, the short way finds no fewer secrets than looking at every part', () => {
  const token = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
  const filler = 'const total = sum(values);\n'.repeat(200);
  const texts = [
    `${filler}const key = '${token}';\n${filler}`,
    `${filler}aws = AKIA${'ABCDEFGHIJ234567'}XYZ;\n${filler}`,
    `${filler}password: 'tr0ub4dor&3-horse'\n${filler}`,
    `${filler}\n`,
  ];
  for (const text of texts) {
    const from = Math.max(0, text.search(/ghp_|AKIA|tr0ub/) - 4);
    for (let cut = from; cut < from + 60 && cut <= text.length; cut += 1) {
      const [prefix, suffix] = [text.slice(0, cut), text.slice(cut)];
      const apart = redactSecrets(prefix).count + redactSecrets(suffix).count;
      const whole = redactSecrets(text);
      const place = { languageId: 'typescript', file: 'a.ts', prefix, before: '', suffix, indentUnit: '  ' };
      const { secrets, insideSecret } = redactPlace(place);
      const inside = whole.count > apart || whole.text !== redactSecrets(prefix).text + redactSecrets(suffix).text;
      assert.equal(insideSecret, inside, `${cut}`);
      assert.equal(secrets, inside ? Math.max(1, apart) : apart, `${cut}`);
    }
  }
});
