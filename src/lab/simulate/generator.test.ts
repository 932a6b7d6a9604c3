import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Generator, type ServerFault, startGenerator } from './generator.ts';
import { markOf } from './promptReading.ts';
import { installedWorld } from './ratedStream.ts';
import { decisionsOf } from './stream.ts';
import { attributes } from './styles.ts';

const world = installedWorld();
const decisions = [...decisionsOf(world, { seed: 4, steps: 3 })];
const faults = new Map<number, ServerFault>();
const generators: Generator[] = [];
async function start(): Promise<Generator> {
  const generator = await startGenerator({
    world,
    task: (step) => decisions[step],
    temperatures: [0, 0.4, 0.6, 0.8, 1],
    fault: (request) => faults.get(request) ?? null,
  });
  generators.push(generator);
  return generator;
}
after(() => Promise.all(generators.map((generator) => generator.close())));

const ask = (generator: Generator, body: object): Promise<Response> =>
  fetch(`${generator.baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
const place = (step: number, above = ''): object[] => [
  { role: 'system', content: 'Fill in.' },
  { role: 'user', content: `${above}${markOf(step, decisions[step]!.place.instruction)}\n<GAP/>` },
];
interface Whole {
  readonly choices: readonly { readonly message: { readonly content: string }; readonly finish_reason: string }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

test('without examples it writes what the direct harness offers; parallel requests are told apart by their temperature', async () => {
  const generator = await start();
  const offered = decisions[0]!.prospects.map(({ candidate }) => candidate.text);
  const answers = await Promise.all(
    [1, 0.4, 0, 0.8, 0.6].map(async (temperature) => {
      const whole = (await (await ask(generator, { messages: place(0), temperature })).json()) as Whole;
      assert.ok(whole.usage.prompt_tokens > 0 && whole.usage.completion_tokens > 10);
      return whole.choices[0]!.message.content;
    }),
  );
  const [last, second, first, fourth, third] = answers;
  assert.deepEqual(
    [first, second, third, fourth, last],
    offered.map((text) => `<fill>${text}</fill>`),
  );
  assert.deepEqual(
    generator.answers(0).map(({ text }) => text),
    offered,
  );
});

test('several answers to one request; a limit of tokens cuts', async () => {
  const generator = await start();
  const many = (await (await ask(generator, { messages: place(1), n: 3, temperature: 0.3 })).json()) as Whole;
  assert.equal(new Set(many.choices.map(({ message }) => message.content)).size, 3);
  const short = (await (await ask(generator, { messages: place(1), temperature: 0, max_tokens: 8 })).json()) as Whole;
  assert.equal(short.choices[0]!.finish_reason, 'length');
  assert.ok(short.choices[0]!.message.content.length < 60);
});

test('streamed, it says the same in pieces, then what it used, then that it is done', async () => {
  const generator = await start();
  const body = { messages: place(2), temperature: 0, stream: true, stream_options: { include_usage: true } };
  const lines = (await (await ask(generator, body)).text()).split('\n').filter((line) => line !== '');
  assert.equal(lines.at(-1), 'data: [DONE]');
  const events = lines.slice(0, -1).map((line) => JSON.parse(line.slice('data: '.length)));
  const text = events.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  assert.equal(text, `<fill>${decisions[2]!.prospects[0]!.candidate.text}</fill>`);
  assert.ok(events.length > 3 && events.at(-1).usage.total_tokens > 0);
});

test('examples in the prompt move what it writes towards them, and only if they stand there as they were written', async () => {
  const generator = await start();
  const documented = attributes.indexOf('docComment');
  const liked = { ...world.candidate(decisions[1]!.at, 1 << documented), text: '/** Finds it. */\nfunction find() {}' };
  generator.know(liked);
  const example = (code: string): string =>
    `// Kept edit in "a.ts":\n${code
      .split('\n')
      .map((line) => `// | ${line}\n`)
      .join('')}`;
  const share = async (above: string): Promise<number> => {
    const all = await Promise.all(
      decisions.map(async (_, step) => {
        await ask(generator, { messages: place(step, above), n: 5, temperature: 0 });
        return generator.answers(step).map(({ presence }) => presence[documented] as number);
      }),
    );
    const flat = all.flat();
    return flat.reduce((sum, there) => sum + there, 0) / flat.length;
  };
  const alone = await share('');
  assert.ok((await share(example(liked.text))) > alone);
  assert.equal(generator.counts.unreadable, 0);
  assert.equal(await share(example(liked.text.replace('find', 'seek'))), alone);
  assert.equal(generator.counts.unreadable, 3);
});

test('it fails as servers do when it is told to', async () => {
  const generator = await start();
  faults.set(0, 'tooManyRequests').set(1, 'serverError').set(2, 'truncated').set(3, { slowMs: 30 });
  try {
    const busy = await ask(generator, { messages: place(0) });
    assert.deepEqual([busy.status, busy.headers.get('retry-after')], [429, '1']);
    assert.equal((await ask(generator, { messages: place(0) })).status, 500);
    await assert.rejects(async () => (await ask(generator, { messages: place(0) })).text());
    const started = performance.now();
    assert.equal((await ask(generator, { messages: place(0) })).status, 200);
    assert.ok(performance.now() - started >= 25);
  } finally {
    faults.clear();
  }
  assert.equal((await ask(generator, { messages: [{ role: 'user', content: 'Hello.' }] })).status, 400);
  assert.equal((await fetch(`${generator.baseUrl}/other`)).status, 404);
});
