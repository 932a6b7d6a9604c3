/** `npm run demo`, `npm run bench -- <name>`, `npm run lab -- <experiment>`. */
import { parseArgs } from 'node:util';

process.env.ORT_DISABLE_TELEMETRY = '1';

const usage = `Usage:
  npm run demo [-- --learn CHARACTERS --compare CHARACTERS --json]
  npm run bench -- memory [--episodes 10000] [--json]
  npm run bench -- suggest [--episodes 10000] [--json]
  npm run bench -- workspaceModel [--folder .] [--json]`;

/** Exactly one JSON object, as the last line, for tools; a table for people. */
function print(result: object, json: boolean): void {
  if (json) console.log(JSON.stringify(result));
  else console.table(result);
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      episodes: { type: 'string', default: '10000' },
      folder: { type: 'string', default: process.cwd() },
      files: { type: 'string', default: '200' },
      learn: { type: 'string' },
      compare: { type: 'string' },
    },
  });
  const [command, name] = positionals;
  if (command === 'demo') {
    const { demo, demoBudget } = await import('./demo.ts');
    const result = await demo({
      say: (line) => console.log(line),
      learnCharacters: Number(values.learn ?? demoBudget.learnCharacters),
      compareCharacters: Number(values.compare ?? demoBudget.compareCharacters),
    });
    if (values.json) console.log(JSON.stringify({ name: 'demo', ...result }));
    return result.memoryOn.accepted > 0 ? 0 : 1;
  }
  if (command === 'bench' && name === 'memory') {
    const { benchMemory } = await import('./bench/memory.ts');
    print(await benchMemory({ episodes: Number(values.episodes) }), values.json);
    return 0;
  }
  if (command === 'bench' && name === 'suggest') {
    const { benchSuggest } = await import('./bench/suggest.ts');
    print(await benchSuggest({ episodes: Number(values.episodes) }), values.json);
    return 0;
  }
  if (command === 'bench' && name === 'workspaceModel') {
    const { evaluateWorkspaceModel } = await import('./bench/workspaceModel.ts');
    const result = await evaluateWorkspaceModel({ folder: values.folder, maxFiles: Number(values.files) });
    print({ name: 'workspaceModel', ...result }, values.json);
    return 0;
  }
  console.error(usage);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
