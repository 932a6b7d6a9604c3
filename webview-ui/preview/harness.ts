/** The rating panel on loopback, with the extension host's real session behind it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PanelProblem } from '../../src/protocol/webview.ts';
import { previewCards } from './data.ts';
import { type PreviewMemory, previewMemory } from './memory.ts';
import { buildPages, clientModule, type PageServer, servePage } from './server.ts';

interface Session {
  handle(message: unknown): Promise<void>;
  refresh(): void;
  reveal(episodeId?: string): void;
}

export interface Harness extends PageServer {
  /** Commands and files the panel had run and opened. */
  readonly ran: string[];
  readonly memory: PreviewMemory;
  readonly session: Session;
  /** What `current` answers. */
  currentText: string | null;
  problem: PanelProblem | null;
}

/** `bundle`: a folder that `buildPages` filled; without one the panel is built for this harness alone. */
export async function startHarness(options: {
  readonly nowMs: number;
  readonly empty?: boolean;
  readonly bundle?: string;
}): Promise<Harness> {
  const outDir = options.bundle ?? (await mkdtemp(join(tmpdir(), 'attune-panel-')));
  if (options.bundle === undefined) await buildPages(outDir);
  const { ratingsSession } = (await clientModule('ratings/session.ts')) as {
    ratingsSession: (parts: object) => Session;
  };
  const memory = previewMemory(options.empty ? [] : previewCards(options.nowMs), options.nowMs);
  const run = (command: string): number => harness.ran.push(command);
  const server = await servePage({
    outDir,
    page: 'ratings',
    title: 'Ratings',
    background: '--vscode-sideBar-background',
    heard: (message) => void harness.session.handle(message),
  });
  const session = ratingsSession({
    ask: (method: string, params: Record<string, unknown>) => memory.ask(method, params),
    post: server.post,
    problem: () => harness.problem,
    capBytes: () => 64_000_000,
    currentText: async () => harness.currentText,
    open: async ({ episode }: { episode: { file: string } }) => run(`open ${episode.file}`),
    run,
    showTrace: (episodeId: string) => run(`trace ${episodeId}`),
    log: { debug() {}, warn() {} },
    later: (task: () => void, delayMs: number) => void setTimeout(task, delayMs),
    silentEngine: 'The engine does not answer. What you see may be out of date.',
  });
  memory.onChange = () => session.refresh();

  const harness: Harness = {
    ...server,
    ran: [],
    memory,
    session,
    currentText: null,
    problem: null,
    async close() {
      await server.close();
      if (options.bundle === undefined) await rm(outDir, { recursive: true, force: true });
    },
  };
  return harness;
}
