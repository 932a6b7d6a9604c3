/** `npm run demo`, `npm run bench -- <name>`, `npm run lab -- <experiment>`. */
import { parseArgs } from 'node:util';

process.env.ORT_DISABLE_TELEMETRY = '1';

const usage = `Usage:
  npm run demo [-- --learn CHARACTERS --compare CHARACTERS --process --json]
  npm run bench -- memory [--episodes 10000] [--json]
  npm run bench -- suggest [--episodes 10000] [--json]
  npm run bench -- tensor [--json]
  npm run bench -- train [--json]
  npm run bench -- workspaceModel [--folder .] [--json]
  npm run lab -- replay [--folder DIR] [--memory on|off] [--seed N] [--files N] [--characters N] [--json]
  npm run lab -- simulate [--developers 20] [--first-seed 100] [--steps 1200] [--policies a,b] [--nonlinear 5] [--shuffled 20] [--resume FILE] [--json]
  npm run lab -- spearman [--developers 20] [--first-seed 100] [--json]
  npm run lab -- coverage [--json]`;

/** Exactly one JSON object, as the last line, for tools; a table for people. */
function print(result: object, json: boolean): void {
  if (json) console.log(JSON.stringify(result));
  else console.table(result);
}

/** What was given, else `otherwise`; null when it is no whole number from 0. */
function wholeNumber(given: string | undefined, otherwise: number): number | null {
  if (given === undefined) return otherwise;
  return /^\d{1,9}$/.test(given) ? Number(given) : null;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      episodes: { type: 'string', default: '10000' },
      folder: { type: 'string' },
      memory: { type: 'string', default: 'on' },
      seed: { type: 'string' },
      characters: { type: 'string' },
      files: { type: 'string' },
      developers: { type: 'string' },
      'first-seed': { type: 'string' },
      steps: { type: 'string' },
      policies: { type: 'string' },
      nonlinear: { type: 'string' },
      shuffled: { type: 'string' },
      resume: { type: 'string' },
      learn: { type: 'string' },
      process: { type: 'boolean', default: false },
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
      engine: values.process ? 'process' : 'inProcess',
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
  if (command === 'bench' && name === 'tensor') {
    const { benchTensor } = await import('./bench/tensor.ts');
    print(await benchTensor(), values.json);
    return 0;
  }
  if (command === 'bench' && name === 'train') {
    const { benchTrain } = await import('./bench/train.ts');
    print(await benchTrain(), values.json);
    return 0;
  }
  if (command === 'bench' && name === 'workspaceModel') {
    const { evaluateWorkspaceModel } = await import('./bench/workspaceModel.ts');
    const result = await evaluateWorkspaceModel({
      folder: values.folder ?? process.cwd(),
      maxFiles: Number(values.files ?? 200),
    });
    print({ name: 'workspaceModel', ...result }, values.json);
    return 0;
  }
  if (command === 'lab' && name === 'replay') {
    const { replay, replayDefaults } = await import('./replay.ts');
    const seed = wholeNumber(values.seed, replayDefaults.seed);
    const maxFiles = wholeNumber(values.files, replayDefaults.maxFiles);
    const characters = wholeNumber(values.characters, replayDefaults.characters);
    const { memory, folder = replayDefaults.folder } = values;
    if (seed !== null && maxFiles !== null && characters !== null && (memory === 'on' || memory === 'off')) {
      const say = values.json ? {} : { say: (line: string) => console.log(line) };
      const result = await replay({ folder, memory, seed, maxFiles, characters, ...say });
      print({ name: 'replay', ...result }, values.json);
      if (result.files === 0) console.error(`No source file to type in ${folder}.`);
      return result.files === 0 ? 1 : 0;
    }
  }
  if (command === 'lab' && name === 'simulate') {
    const { simulate, simulateDefaults } = await import('./simulate/run.ts');
    const { keptResults } = await import('./simulate/keptResults.ts');
    const { isPolicyName, policyNames } = await import('./simulate/policies.ts');
    const { simulationTable } = await import('./simulate/table.ts');
    const developers = wholeNumber(values.developers, simulateDefaults.developers);
    const firstSeed = wholeNumber(values['first-seed'], simulateDefaults.firstSeed);
    const steps = wholeNumber(values.steps, simulateDefaults.steps);
    const nonlinear = wholeNumber(values.nonlinear, simulateDefaults.nonlinear);
    const shuffled = wholeNumber(values.shuffled, simulateDefaults.shuffled);
    const policies = values.policies?.split(',') ?? [...policyNames];
    const unknown = policies.filter((policy) => !isPolicyName(policy));
    if (unknown.length > 0) console.error(`No policy ${unknown.join(', ')}; there are ${policyNames.join(', ')}.`);
    else if (developers && firstSeed !== null && steps && nonlinear !== null && shuffled !== null) {
      // It takes a while: how far it is goes where it is in nobody's way.
      const say = (line: string): void => console.error(line);
      const chosen = policies.filter(isPolicyName);
      const kept = values.resume === undefined ? {} : { kept: await keptResults(values.resume) };
      const cohort = { developers, firstSeed, steps, nonlinear, shuffled };
      const result = await simulate({ ...cohort, policies: chosen, say, ...kept });
      if (values.json) print({ name: 'simulate', ...result }, true);
      else console.log(simulationTable(result));
      return 0;
    }
  }
  if (command === 'lab' && name === 'coverage') {
    const { coverageTable, measureCoverage } = await import('./offPolicyCoverage.ts');
    const result = measureCoverage();
    if (values.json) print({ name: 'coverage', ...result }, true);
    else console.log(coverageTable(result));
    return 0;
  }
  if (command === 'lab' && name === 'spearman') {
    const { measureSpearman, spearmanDefaults, spearmanTable } = await import('./simulate/spearman.ts');
    const developers = wholeNumber(values.developers, spearmanDefaults.developers);
    const firstSeed = wholeNumber(values['first-seed'], spearmanDefaults.firstSeed);
    if (developers && firstSeed !== null) {
      const say = values.json ? {} : { say: (line: string) => console.log(line) };
      const result = measureSpearman({ developers, firstSeed, ...say });
      if (values.json) print({ name: 'spearman', ...result }, true);
      else console.log(spearmanTable(result));
      return 0;
    }
  }
  console.error(usage);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
