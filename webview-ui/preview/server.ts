/** Serves one page of ours on loopback, dressed as VS Code would, and carries messages both ways. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { dressed, outerPage, type PreviewTheme } from './page.ts';

export const themeNames = ['dark', 'light', 'hc-dark', 'hc-light'] as const;
export type ThemeName = (typeof themeNames)[number];

export interface PageServer {
  readonly origin: string;
  /** Everything the page posted, in order, as it was posted. */
  readonly posted: { readonly type: string; readonly [field: string]: unknown }[];
  post(message: unknown): void;
  close(): Promise<void>;
}

/**
 * The page and the sessions are the extension host's own. They are loaded by address, not imported: the pages' code must
 * not depend on the client's, and only this preview puts the two together.
 */
export const clientModule = (name: string): Promise<Record<string, unknown>> =>
  import(new URL(`../../src/client/${name}`, import.meta.url).href);

/** Bundles both pages into `outDir` as the product's build does. */
export async function buildPages(outDir: string): Promise<void> {
  await build({
    entryPoints: {
      ratings: join(import.meta.dirname, '../main.ts'),
      training: join(import.meta.dirname, '../training.ts'),
    },
    outdir: outDir,
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

/** `page`: `<page>.js` and `<page>.css` in `outDir`. `background`: the variable of what is behind it. */
export async function servePage(options: {
  readonly outDir: string;
  readonly page: 'ratings' | 'training';
  readonly title: string;
  readonly background: string;
  readonly heard: (message: PageServer['posted'][number]) => void;
}): Promise<PageServer> {
  const { outDir, page, title, background, heard } = options;
  const themes = JSON.parse(await readFile(join(import.meta.dirname, 'themes.json'), 'utf8')) as Record<
    ThemeName,
    PreviewTheme
  >;
  const { panelHtml } = (await clientModule('ratings/html.ts')) as { panelHtml: (page: object) => string };
  const listeners = new Set<ServerResponse>();
  const posted: PageServer['posted'] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://preview');
    const theme = (url.searchParams.get('theme') ?? 'dark') as ThemeName;
    const html = (text: string): unknown => response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    if (url.pathname === '/') return void html(outerPage(theme, title));
    if (url.pathname === '/panel') {
      const nonce = randomBytes(16).toString('hex');
      const text = panelHtml({
        cspSource: origin,
        nonce,
        scriptUri: `${origin}/${page}.js`,
        styleUri: `${origin}/${page}.css`,
        language: 'en',
        title,
        strings: {},
      });
      return void html(dressed(text, themes[theme], nonce, background));
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
      const message = JSON.parse(body) as PageServer['posted'][number];
      posted.push(message);
      heard(message);
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
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    posted,
    post(message) {
      for (const listener of listeners) listener.write(`data: ${JSON.stringify(message)}\n\n`);
    },
    async close() {
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
