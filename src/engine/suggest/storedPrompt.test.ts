import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Episode } from '../../protocol/episode.ts';
import { episode } from '../memory/testRecords.ts';
import { holeAnswer } from '../models/holeFiller.ts';
import { codeFence } from './filters/codeFence.ts';
import { storedPrompt } from './storedPrompt.ts';

const none = () => null;
const said = (one: Episode, texts: readonly string[]) => {
  const prompt = storedPrompt(one, texts, none)!;
  return { asked: prompt.messages.map(({ content }) => content).join('\n'), answers: texts.map(prompt.answer) };
};

test('an edit is asked for as a conversation, with all that was stored of the place', () => {
  const one = episode({
    kind: 'edit',
    instruction: 'return early',
    prefix: 'function load(id) {\n',
    before: '  if (id) { go(); }',
    suffix: '\n}\n',
  });
  const { messages, answer } = storedPrompt(one, [], none)!;
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['system', 'user'],
  );
  for (const part of ['function load(id) {', '  if (id) { go(); }', 'Instruction: return early', '"src/app.ts"']) {
    assert.ok(messages[1]!.content.includes(part), part);
  }
  assert.equal(answer('  if (!id) return;'), '```typescript\n  if (!id) return;\n```');
  assert.ok(answer('a ```` b')!.startsWith('`````typescript\n'), 'the fence is longer than any in the text');
});

test('what was asked before stands in the conversation', () => {
  const first = episode({ kind: 'edit', instruction: 'make it async' });
  const second = episode({ kind: 'edit', instruction: 'and shorter', followUpOf: first.id });
  const { messages } = storedPrompt(second, [], (id) => (id === first.id ? first : null))!;
  assert.match(messages.at(-1)!.content, /Instruction: make it async[\s\S]*Instruction: and shorter/);
});

test('a repeated change is nobody’s answer', () => {
  assert.equal(storedPrompt(episode({ kind: 'nextEdit' }), [], none), null);
});

test('inline, what all texts keep of the replaced part stays around the gap', () => {
  const whole = said(episode(), ['sum(prices)']);
  assert.ok(whole.asked.includes('const total = <GAP/>;'));
  assert.deepEqual(whole.answers, ['<fill>sum(prices)</fill>']);
  // A begun word and a bracket that stood there already.
  const begun = said(episode({ prefix: '', before: 'con)', suffix: ';\n' }), ['console.log(a)', 'confirm(b)']);
  assert.ok(begun.asked.includes('\ncon<GAP/>);\n'), begun.asked);
  assert.deepEqual(begun.answers, ['<fill>sole.log(a</fill>', '<fill>firm(b</fill>']);
  // The widget's word replaces one that begins otherwise.
  const replaced = said(episode({ prefix: '', before: 'Con', suffix: '\n' }), ['console']);
  assert.ok(replaced.asked.includes('\n<GAP/>\n'));
  assert.deepEqual(replaced.answers, ['<fill>console</fill>']);
});

test('a text that would end the answer can’t be said', () => {
  assert.deepEqual(said(episode(), ['"</fill>"', 'a']).answers, [null, '<fill>a</fill>']);
});

/** Pieces that markup is made of, characters of two units, and what could be shared. */
const text = fc
  .array(
    fc.constantFrom('a', 'ab', '(', ')', '\n', '`', '```', '<fill>', '</fill>', '<|im_end|>', '😀', '\u{1F600}x', ' '),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

test('property: the product reads every answer as the text it proposes, control tokens apart', () => {
  const free = (one: string) => one.replaceAll('<|im_end|>', '< |im_end|>');
  fc.assert(
    fc.property(
      fc.constantFrom('inline', 'edit'),
      text,
      fc.array(text, { minLength: 1, maxLength: 3 }),
      (kind, before, texts) => {
        const one = episode({ kind, before, instruction: 'x', prefix: '', suffix: '' });
        const { messages, answer } = storedPrompt(one, texts, none)!;
        for (const proposed of texts) {
          const content = answer(proposed);
          if (kind === 'edit') {
            const read = codeFence(content!, { ...one, indentUnit: '  ' })!;
            // The last line break belongs to the fence.
            assert.equal(read, free(proposed).replace(/\n$/, ''));
            continue;
          }
          if (content === null) continue;
          const reader = holeAnswer();
          const inside = reader.push(content) + reader.flush();
          const { content: asked } = messages.at(-1)!;
          const code = asked.slice(asked.indexOf('\n\n') + 2);
          const marker = /<GAP(?:-\d+)?\/>/.exec(code)![0];
          assert.equal(code.replace(marker, () => inside).replaceAll(' ', ''), free(proposed).replaceAll(' ', ''));
          assert.ok(code.isWellFormed() && content.isWellFormed());
        }
      },
    ),
    { numRuns: 300 },
  );
});
