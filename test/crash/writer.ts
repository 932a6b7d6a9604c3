/**
 * A window under load, to be killed. Started with a folder and a mode; waits for a line on stdin, then works until it is
 * killed or done. Each promise of the store is reported on stdout at once (a synchronous write: what was reported before
 * the kill is in the pipe).
 *
 *   e/r/v ID   an episode, rating or event is about to be stored (its promise is not given yet)
 *   R EPISODE RATING   the rating was acknowledged, and with it the episode
 *   F ID...            flushed: these episodes and events are on the disk
 *   d ID / D ID        a deletion is asked for / was acknowledged
 *   seen N             how many episodes this window sees
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { silentLog, systemClock, systemIds } from '../../src/engine/clock.ts';
import { openStore } from '../../src/engine/memory/store.ts';
import { directive, episode, event, rating } from '../../src/engine/memory/testRecords.ts';

const [folder = '', mode = 'load', count = '0'] = process.argv.slice(2);
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say('ready');
await lines.next();

const store = await openStore({
  dir: folder,
  rater: 'me',
  clock: systemClock,
  ids: systemIds,
  log: { ...silentLog, error: (message) => say(`error ${message}`) },
  maxBytes: 64_000_000,
  maxEpisodes: 20_000,
  // So much folding that half of the kills fall into one.
  pace: { bufferMs: 5, segmentBytes: 6000, foldAfterBytes: 4000, foldDelayMs: 2, pollMs: 20 },
});
if (store.report.problems.length > 0) say(`problems ${JSON.stringify(store.report.problems)}`);
say('opened');

async function load(): Promise<never> {
  const mine: string[] = [];
  for (let round = 0; ; round++) {
    const flushed: string[] = [];
    await Promise.all(
      Array.from({ length: 3 }, async (_, i) => {
        const one = episode({ instruction: `number ${round} ${i}`, prefix: 'let value = compute();\n'.repeat(8) });
        const happened = event(one.id, 'shown');
        store.addEpisode(one);
        store.addEvents([happened]);
        if (i === 2) {
          flushed.push(one.id, happened.id);
          return;
        }
        const said = rating(one.id, { comment: 'under load' });
        await store.rate(said);
        say(`R ${one.id} ${said.id}`);
        mine.push(one.id);
      }),
    );
    await store.flush();
    say(`F ${flushed.join(' ')}`);
    if (round % 7 === 6) {
      const id = mine.splice(Math.floor(Math.random() * mine.length), 1)[0];
      if (id === undefined) continue;
      say(`d ${id}`);
      await store.direct([directive(id, 'deleted')]);
      say(`D ${id}`);
    }
  }
}

/** `records` records, half of them episodes and half ratings of them, as fast as it goes. */
async function writeSome(records: number): Promise<void> {
  for (let i = 0; i < records / 2; i++) {
    const one = episode({ instruction: `number ${i}` });
    store.addEpisode(one);
    await store.rate(rating(one.id));
  }
  say('written');
  await lines.next();
  await store.refresh();
  say(`seen ${store.size}`);
  await store.close();
  process.exit(0);
}

if (mode === 'load') await load();
else await writeSome(Number(count));
