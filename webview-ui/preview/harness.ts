/** Builds the panel and serves it on loopback with the extension host's real session behind it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { PanelProblem } from '../../src/protocol/webview.ts';
import { previewCards } from './data.ts';
import { type PreviewMemory, previewMemory } from './memory.ts';
import { dressed, outerPage, type PreviewTheme } from './page.ts';

export const themeNames = ['dark', 'light', 'hc-dark', 'hc-light'] as const;
export type ThemeName = (typeof themeNames)[number];

interface Session {
  handle(message: unknown): Promise<void>;
  refresh(): void;
  reveal(episodeId?: string): void;
}

export interface Harness {
  readonly origin: string;
  /** Everything the panel posted, in order, as it was posted. */
  readonly posted: { readonly type: string; readonly [field: string]: unknown }[];
  /** Commands and files the panel had run and opened. */
  readonly ran: string[];
  readonly memory: PreviewMemory;
  readonly session: Session;
  /** What `current` answers. */
  currentText: string | null;
  problem: PanelProblem | null;
  /** Sends the panel a message past the session. */
  post(message: unknown): void;
  close(): Promise<void>;
}

/**
 * The page and the session are the extension host's own. They are loaded by address, not imported: the panel's code must
 * not depend on the client's, and only this preview puts the two together.
 */
const clientModule = (name: string): Promise<Record<string, unknown>> =>
  import(new URL(`../../src/client/ratings/${name}`, import.meta.url).href);

/** Bundles the panel into `outDir` as the product's build does. */
export async function buildPanel(outDir: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, '../main.ts')],
    outfile: join(outDir, 'ratings.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    tsconfig: join(import.meta.dirname, '../tsconfig.json'),
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    logLevel: 'warning',
  });
}

/** `bundle`: a folder that `buildPanel` filled; without one the panel is built for this harness alone. */
export async function startHarness(options: {
  readonly nowMs: number;
  readonly empty?: boolean;
  readonly bundle?: string;
}): Promise<Harness> {
  const outDir = options.bundle ?? (await mkdtemp(join(tmpdir(), 'attune-panel-')));
  if (options.bundle === undefined) await buildPanel(outDir);
  const themes = JSON.parse(await readFile(join(import.meta.dirname, 'themes.json'), 'utf8')) as Record<
    ThemeName,
    PreviewTheme
  >;
  const { panelHtml } = (await clientModule('html.ts')) as { panelHtml: (page: object) => string };
  const { ratingsSession } = (await clientModule('session.ts')) as { ratingsSession: (parts: object) => Session };

  const listeners = new Set<ServerResponse>();
  const memory = previewMemory(options.empty ? [] : previewCards(options.nowMs), options.nowMs);
  const post = (message: unknown): void => {
    for (const listener of listeners) listener.write(`data: ${JSON.stringify(message)}\n\n`);
  };
  const run = (command: string): number => harness.ran.push(command);
  const session = ratingsSession({
    ask: (method: string, params: Record<string, unknown>) => memory.ask(method, params),
    post,
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

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://preview');
    const theme = (url.searchParams.get('theme') ?? 'dark') as ThemeName;
    const html = (page: string): unknown => response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    if (url.pathname === '/') return void html(outerPage(theme));
    if (url.pathname === '/panel') {
      const nonce = randomBytes(16).toString('hex');
      const page = panelHtml({
        cspSource: harness.origin,
        nonce,
        scriptUri: `${harness.origin}/ratings.js`,
        styleUri: `${harness.origin}/ratings.css`,
        language: 'en',
        title: 'Ratings',
        strings: {},
      });
      return void html(dressed(page, themes[theme], nonce));
    }
    if (url.pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': hello\n\n');
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
      return;
    }
    if (url.pathname === '/message') {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const message = JSON.parse(body) as Harness['posted'][number];
      harness.posted.push(message);
      void session.handle(message);
      return void response.writeHead(204).end();
    }
    if (url.pathname === '/favicon.ico') return void response.writeHead(204).end();
    const type = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' }[url.pathname.split('.').at(-1) ?? ''];
    if (!type || url.pathname.includes('/', 1)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type }).end(await readFile(join(outDir, url.pathname)));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const harness: Harness = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted: [],
    ran: [],
    memory,
    session,
    currentText: null,
    problem: null,
    post,
    async close() {
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (options.bundle === undefined) await rm(outDir, { recursive: true, force: true });
    },
  };
  return harness;
}
