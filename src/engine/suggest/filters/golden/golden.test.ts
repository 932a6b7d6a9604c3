/**
 * What becomes of answers as models really write them, from the choice of lines to the last filter. One file for each
 * language; in it a case is
 *
 *     ▶ what a user would lose
 *     ▷ at [explicit]          the document, `▮` at the cursor
 *     ▷ answer                 what the model wrote
 *     ▷ offered | ▷ dropped    the ghost text, or the filter's name
 *     ▷ replaces               what it takes the place of, if anything
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { linesFor } from '../../multiline.ts';
import { marked } from '../../testing/marked.ts';
import { filterInline } from '../pipeline.ts';

type Section = 'at' | 'at explicit' | 'answer' | 'offered' | 'dropped' | 'replaces';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.golden'));
let count = 0;

for (const name of files) {
  const languageId = name.replace('.golden', '');
  const [, ...cases] = readFileSync(new URL(name, folder), 'utf8').split(/^▶ /m);
  for (const one of cases) {
    const [head = '', ...parts] = one.split(/^▷ /m);
    const sections = new Map(
      parts.map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(0, end).trim() as Section, part.slice(end + 1).replace(/\n+$/, '')];
      }),
    );
    count += 1;
    test(`${languageId}: ${head.trim()}`, () => check(languageId, sections));
  }
}

function check(languageId: string, sections: ReadonlyMap<Section, string>): void {
  const explicit = sections.get('at explicit');
  const at = explicit ?? sections.get('at') ?? '';
  const answer = sections.get('answer');
  assert.ok(at.includes('▮') && answer !== undefined, 'a case has a place and an answer');
  const place = marked(at, languageId);
  const { lines } = linesFor(place, explicit === undefined ? 'automatic' : 'explicit');
  const filtered = filterInline(answer, { ...place, lines });
  const dropped = sections.get('dropped');
  if (dropped !== undefined) assert.deepEqual(filtered, { kept: false, droppedBy: dropped.trim() });
  else {
    const replaces = sections.get('replaces') ?? '';
    assert.deepEqual(filtered, { kept: true, text: sections.get('offered'), replaces });
  }
}

test('no case is lost', () => {
  assert.ok(files.length >= 10 && count >= 40, `${count} cases in ${files.length} files`);
});
